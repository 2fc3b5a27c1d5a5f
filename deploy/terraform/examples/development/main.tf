# The guide's twelve keys on a development cluster: `keymoot dev`, then `eval "$(keymoot env)"`, then
# `terraform init` and `terraform apply`. Access key and Region come from the environment.

variable "endpoint" {
  description = "Where the cluster answers; the same for all three services."
  type        = string
  default     = "http://127.0.0.1:7600"
}

provider "aws" {
  region = "us-east-1"

  endpoints {
    iam = var.endpoint
    kms = var.endpoint
    sts = var.endpoint
  }

  # There is no instance metadata and no organisation to ask.
  skip_metadata_api_check = true
}

data "aws_caller_identity" "current" {}

module "keymoot" {
  source = "../.."

  account_id = data.aws_caller_identity.current.account_id
}

output "keys" {
  value = module.keymoot.keys
}
