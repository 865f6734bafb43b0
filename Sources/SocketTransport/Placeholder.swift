// SocketTransport: see the architecture page.
