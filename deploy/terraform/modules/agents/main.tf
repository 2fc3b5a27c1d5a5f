# Names and policies of agents' keys. It needs no provider, so that what is granted can be seen without a cluster.

variable "account_id" {
  type = string
}

variable "environments" {
  type = list(string)
}

variable "roles" {
  type = list(string)
}

variable "split_policies" {
  type = bool
}

locals {
  keys = {
    for pair in setproduct(var.environments, var.roles) : "${pair[0]}-${pair[1]}" => {
      environment = pair[0]
      role        = pair[1]
      alias       = "alias/${pair[0]}-${pair[1]}"
    }
  }

  # `updater` of `updater-signer`.
  agents = distinct([for role in var.roles : regex("^(.+)-[^-]+$", role)[0]])

  subjects = var.split_policies ? {
    for pair in setproduct(var.environments, var.roles) : "${pair[0]}-${pair[1]}" => {
      environment = pair[0]
      pattern     = "alias/${pair[0]}-${pair[1]}"
    }
    } : {
    for pair in setproduct(var.environments, local.agents) : "${pair[0]}-${pair[1]}-signer" => {
      environment = pair[0]
      pattern     = "alias/${pair[0]}-${pair[1]}*"
    }
  }
}

output "keys" {
  value = local.keys
}

output "policies" {
  value = {
    for name, subject in local.subjects : name => {
      environment = subject.environment
      document = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Sid      = "SignWithKeysOfTheAgent"
          Effect   = "Allow"
          Action   = ["kms:GetPublicKey", "kms:Sign"]
          Resource = "arn:aws:kms:*:${var.account_id}:key/*"
          Condition = {
            "ForAnyValue:StringLike" = {
              "kms:ResourceAliases" = subject.pattern
            }
          }
        }]
      })
    }
  }
}

output "admin_policy" {
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "WorkWithTheAccount"
        Effect = "Allow"
        Action = [
          "kms:CreateKey",
          "kms:ListKeys",
          "kms:ListAliases",
          "kms:TagResource",
          "kms:UntagResource",
          "kms:GenerateRandom",
          "kms:DescribeCustomKeyStores",
          "kms:ListRetirableGrants",
          "iam:ListUsers",
          "iam:ListRoles",
        ]
        Resource = "*"
      },
      {
        Sid    = "WorkWithKeys"
        Effect = "Allow"
        Action = "kms:*"
        Resource = [
          "arn:aws:kms:*:${var.account_id}:alias/*",
          "arn:aws:kms:*:${var.account_id}:key/*",
        ]
      },
    ]
  })
}
