output "keys" {
  description = "The ARN of each key by its name."
  value       = { for name, key in aws_kms_key.agent : name => key.arn }
}

output "aliases" {
  description = "The alias of each key by its name."
  value       = { for name, alias in aws_kms_alias.agent : name => alias.name }
}

output "users" {
  description = "The user of each environment."
  value       = { for environment, user in aws_iam_user.environment : environment => user.name }
}
