"""The one seam: operations of the AWS Backup API go in, the JSON of their answers comes out.

boto3 is one implementation (`backupkit.boto`), the service on this machine another (`backupkit.emulator`). Retrying,
recording, read-only and fault injection wrap whatever they are given, and one contract suite runs against all of them.
"""
