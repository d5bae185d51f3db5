"""Arrays in, arrays out: how data becomes model inputs."""
