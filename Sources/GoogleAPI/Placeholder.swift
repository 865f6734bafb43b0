// GoogleAPI: see the architecture page.
