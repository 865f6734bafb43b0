// PlenaryTestKit: see the architecture page.
