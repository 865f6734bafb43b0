"""Daemons that ask who calls, and clients that say so."""

from plenary_testing import run

# What makes a daemon ask.
REQUIRED = ("--set", "auth.required=true")

# From the least to the most.
ROLES = ("READER", "EDITOR", "PUBLISHER", "OFFICER", "ADMIN")


def two_organizations(api, admin):
    for name in ("a", "b"):
        admin.CreateOrganization(
            organization_id=name,
            organization=api.Organization(title=api.text(name), kind="GOVERNMENT_BODY"),
        )


def cli(daemon, *arguments, token=None, **options):
    env = {"PLENARY_TOKEN": token} if token else {}
    return run("plenary", *arguments, "--server", daemon.address, env=env, **options)
