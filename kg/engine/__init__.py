"""Where posts are read: in this process, in others of this machine, or on a cluster."""
