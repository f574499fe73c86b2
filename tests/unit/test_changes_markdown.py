"""Changes as Markdown: what a pull request shows, and that nothing in it is taken for anything but text."""

from __future__ import annotations

import attrs
import pytest

import backupkit as bk

STACK = bk.Stack(
    "shop",
    bk.Vault("prod", tags={"Team": "platform"}),
    bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=35)),
)


def rendered(markdown):
    """The HTML that CommonMark with tables makes of it."""
    renderer = pytest.importorskip("markdown_it", reason="pip install 'backupkit[docs]'")
    return renderer.MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)


@pytest.fixture
def aws():
    with bk.local() as aws:
        yield aws


def test_a_pull_request_shows_a_table_and_folds_the_fields_away(aws):
    """Each change is a row with its sign and reason; what is deleted is marked; every field stands in the fold."""
    STACK.preview(aws).apply()
    told = bk.Stack("shop", bk.Vault("prod"), bk.Vault("new")).preview(aws).to_markdown()
    assert told.startswith("### <code>shop</code> in us-east-1: 1 to create, 1 to update, 1 to delete\n")
    assert "| <code>+</code> | <code>vault.new</code> | it does not exist yet |" in told
    assert "| <code>-</code> | <code>plan.nightly</code> **(deletes)** | the stack owns it" in told
    page = rendered(told)
    assert page.count("<tr>") == 4
    fold = page[page.index("<details>") : page.index("</details>")]
    assert "lifecycle/delete_after_days  35" in fold
    assert "- tags.Team  platform" in fold


def test_nothing_to_change_says_so(aws):
    """An empty preview is a line, without a table and a fold."""
    STACK.preview(aws).apply()
    told = STACK.preview(aws).to_markdown()
    assert "nothing to change" in told
    assert "2 as declared" in told
    assert "|" not in told
    assert "<details>" not in told


def test_what_stands_in_the_way_comes_first(aws):
    """Problems come before the table, warnings after it."""
    aws.call("CreateBackupVault", BackupVaultName="prod")
    told = STACK.preview(aws).to_markdown()
    assert told.index("**Cannot be applied**") < told.index("| | what changes |")
    assert "no stack owns it" in told


EVIL = "</pre></code><script>alert(1)</script> | **bold** [x](http://evil.example) @team #12 `x` $y$"


def test_what_others_write_is_text(aws):
    """Tags of others make no tags of HTML, no links, no rows, no mentions."""
    STACK.preview(aws).apply()
    arn = "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
    aws.call("TagResource", ResourceArn=arn, Tags={"</pre><script>@team": "# head | [x](y)"})
    (plan,) = aws.call("ListBackupPlans")["BackupPlansList"]
    aws.call("CreateBackupVault", BackupVaultName="new")
    stack = bk.Stack("shop", *STACK.things, bk.Vault("new"))
    page = rendered(stack.preview(aws).to_markdown())
    assert "<script" not in page
    assert "<h1" not in page
    assert page.count("<pre>") == page.count("</pre>") == 1
    assert plan


@pytest.mark.parametrize("text", [EVIL, EVIL[::-1], "a\nb\n\n# c", "\x00\u202e"])
def test_any_reason_stays_in_its_cell(aws, text):
    """Whatever a reason, a warning or an address says, it stays text in its place."""
    changes = STACK.preview(aws)
    problem = bk.Problem("", text)
    change = attrs.evolve(changes.records[0], reason=text, address=text, problems=(problem,), warnings=(problem,))
    page = rendered(attrs.evolve(changes, records=(change,), notes=(text,)).to_markdown())
    assert page.count("<tr>") == 2
    assert page.count("<td>") == 3
    for tag in ("<script", "<a ", "<strong>bold", "<h1", "<em>"):
        assert tag not in page
    assert "@team" not in page.replace("<code>", "").split("<table>")[0]


def test_it_fits_into_a_comment(aws):
    """A thousand changes are told in less than GitHub takes, and say how many are not shown."""
    vaults = [bk.Vault(f"vault-{number:04}", tags={"<&>" * 20: "<&>" * 60}) for number in range(1000)]
    told = bk.Stack("shop", *vaults).preview(aws).to_markdown()
    assert len(told) <= 60_000
    assert "1000 to create" in told
    assert " more | |" in told
    assert " more lines\n</pre>" in told
    assert rendered(told).rstrip().endswith("</details>")


def test_it_fits_whatever_is_told(aws):
    """Long problems, warnings, notes and reasons full of letters that must be escaped leave it as short."""
    changes = STACK.preview(aws)
    long = bk.Problem("", "@" * 5000)
    change = attrs.evolve(changes.records[0], reason=long.message, problems=(long,) * 50, warnings=(long,) * 50)
    many = attrs.evolve(changes, records=(change,) * 100, notes=(long.message,) * 50)
    assert len(many.to_markdown()) <= 60_000
