"""Composites: the backups of CloudFormation stacks and EKS clusters, each a parent with its nested points."""
