-- Why a request was made, in its last row of the audit, if the caller said so; part of the chain (form 2 of a row).
ALTER TABLE audit ADD COLUMN reason TEXT;
