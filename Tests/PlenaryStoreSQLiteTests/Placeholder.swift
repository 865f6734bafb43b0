// PlenaryStoreSQLiteTests
