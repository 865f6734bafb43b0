// HTTP2: see the architecture page.
