// PlenaryDaemon: see the architecture page.
