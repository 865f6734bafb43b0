// PlenaryServicesTests
