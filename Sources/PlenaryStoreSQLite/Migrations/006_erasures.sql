-- The changes that erased what their records held before and left them there: `op` is that of the version, and 8. The
-- versions before hold the same as the one that the change wrote, and no salt.
CREATE INDEX audit_erasures ON audit(rev) WHERE op > 8;
