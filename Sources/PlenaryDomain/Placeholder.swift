// PlenaryDomain: see the architecture page.
