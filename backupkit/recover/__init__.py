"""Getting data back: recovery points and jobs as handles that know whom to ask."""
