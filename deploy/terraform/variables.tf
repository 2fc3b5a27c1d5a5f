variable "account_id" {
  description = "The account, twelve digits: `aws sts get-caller-identity` shows it."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account is twelve digits."
  }
}

variable "environments" {
  description = "Environments, each with keys, users and policies of its own."
  type        = list(string)
  default     = ["staging", "production"]
}

variable "roles" {
  description = "Roles with a key in each environment: an agent's name and `signer` or `attestation`."
  type        = list(string)
  default = [
    "watcher-signer",
    "watcher-attestation",
    "updater-signer",
    "updater-attestation",
    "processor-signer",
    "relayer-signer",
  ]
}

variable "user_prefix" {
  description = "What the name of each environment's user begins with."
  type        = string
  default     = "optics-signer-"
}

variable "split_policies" {
  description = "A policy for each role instead of one for each agent, so that who signs transactions gets no attestation key."
  type        = bool
  default     = false
}

variable "deletion_window_in_days" {
  description = "How long a destroyed key can still be saved with `aws kms cancel-key-deletion`."
  type        = number
  default     = 30
}
