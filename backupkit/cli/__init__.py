"""The command line for stacks: ``backupkit preview | apply | drift``.

- arguments  what can be written, and nothing that takes long to import
- commands   what each command does
- finding    the stack that ``module:stack`` names
- messages   errors that name the arguments of Python, with those of the command line
"""
