// PlenaryDomainTests
