// PlenaryServices: see the architecture page.
