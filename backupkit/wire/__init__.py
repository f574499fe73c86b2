"""Between backupkit's values and the JSON of the API: the only room that knows PascalCase."""
