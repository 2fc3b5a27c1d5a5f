# The keys, aliases, users, groups and policies of the agents' guide, in one account of a Keymoot cluster.

module "agents" {
  source = "./modules/agents"

  account_id     = var.account_id
  environments   = var.environments
  roles          = var.roles
  split_policies = var.split_policies
}

# Keys. The parties of the cluster make each together; it never exists whole.

resource "aws_kms_key" "agent" {
  for_each = module.agents.keys

  description              = "${each.value.environment} ${each.value.role}"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_SECG_P256K1"
  deletion_window_in_days  = var.deletion_window_in_days

  tags = {
    environment = each.value.environment
  }

  lifecycle {
    # A key of an agent holds funds. Take this line out, in a change of its own, to let one go.
    prevent_destroy = true

    # An imported key keeps the tag by which `keymoot provision agents` finds it again.
    ignore_changes = [tags["keymoot-agent-key"], tags_all["keymoot-agent-key"]]
  }
}

resource "aws_kms_alias" "agent" {
  for_each = module.agents.keys

  name          = each.value.alias
  target_key_id = aws_kms_key.agent[each.key].key_id
}

# One user for each environment, in the group to which the policies of its agents are attached.

resource "aws_iam_policy" "agent" {
  for_each = module.agents.policies

  name   = each.key
  policy = each.value.document
}

resource "aws_iam_group" "environment" {
  for_each = toset(var.environments)

  name = "${each.value}-signer"
}

resource "aws_iam_group_policy_attachment" "agent" {
  for_each = module.agents.policies

  group      = aws_iam_group.environment[each.value.environment].name
  policy_arn = aws_iam_policy.agent[each.key].arn
}

resource "aws_iam_user" "environment" {
  for_each = toset(var.environments)

  name = "${var.user_prefix}${each.value}"
}

resource "aws_iam_user_group_membership" "environment" {
  for_each = toset(var.environments)

  user   = aws_iam_user.environment[each.value].name
  groups = [aws_iam_group.environment[each.value].name]
}

# Who manages keys and may not use them for anything else than the key policies say.

resource "aws_iam_policy" "admin" {
  name   = "kms-admin"
  policy = module.agents.admin_policy
}

resource "aws_iam_group" "admin" {
  name = "kms-admin"
}

resource "aws_iam_group_policy_attachment" "admin" {
  group      = aws_iam_group.admin.name
  policy_arn = aws_iam_policy.admin.arn
}

resource "aws_iam_user" "admin" {
  name = "kms-admin"
}

resource "aws_iam_user_group_membership" "admin" {
  user   = aws_iam_user.admin.name
  groups = [aws_iam_group.admin.name]
}

# Access keys are left out on purpose: Terraform would keep their secrets in its state. Make them with
# `keymoot iam create-access-key --asymmetric`, or with `aws iam create-access-key`.
