// PlenaryStoreSQLite: see the architecture page.
