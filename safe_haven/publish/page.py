"""The page for patients: what is collected, why, for whom, on which legal basis, how to object."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

STYLE = """
body { font: 1.1rem/1.5 system-ui, sans-serif; color: #212b32; background: #fff; margin: 0 auto;
  max-width: 46rem; padding: 1rem; }
h1, h2 { line-height: 1.2; color: #003087; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0;
  border-bottom: 1px solid #d8dde0; }
a { color: #005eb8; }
"""
FLOWS = {
    "aggregate": "tables of numbers, from which nobody can be told",
    "commissioning": "records without names or numbers, under a pseudonym",
    "invoice_validation": "records with your NHS number and nothing else that names you, for "
    "those who check whose patient an invoice is for; the national data opt-out does not count",
    "public_interest": "records without names or numbers, under a pseudonym",
    "risk_stratification": "records under a pseudonym, without people who opted out",
}


def patient_page(subjects: Iterable[str], agreements: Iterable[Mapping[str, Any]]) -> bytes:
    """The page as HTML.

    subjects: what is collected, in words; agreements: rows of the agreement register in force.
    """
    collected = "\n".join(f"<li>{html.escape(subject)}</li>" for subject in sorted(set(subjects)))
    rows = "\n".join(_row(agreement) for agreement in agreements)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>How your health records are used to plan care</title>
<style>{STYLE}</style>
</head>
<body>
<h1>How your health records are used to plan care</h1>
<p>Hospitals, general practices and other services send records of the care they give to this safe
haven. Those who plan and pay for care need to know what care people have. They do not need to
know who you are, and the law does not let them. The safe haven stands between: it takes out what
names you, and gives each of them only what an agreement says they may have.</p>

<h2>What is collected</h2>
<ul>
{collected}
</ul>
<p>Records come with your NHS number, date of birth and postcode, so that records of the same person
can be put together. None of these leave the safe haven for those who plan care. Where an invoice
for care is checked, the NHS number is used, and only by those who check it.</p>

<h2>Who receives what, and why</h2>
<table>
<thead><tr><th scope="col">Who</th><th scope="col">What for</th><th scope="col">What they get</th>
<th scope="col">Legal basis</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<p>Records that the law protects most, such as those of fertility treatment, and records of people
whose details are restricted for their safety, are never given to those who plan care.</p>

<h2>How to object</h2>
<ul>
<li><strong>National data opt-out.</strong> You can say that what could identify you is used for
your own care only. Online at
<a href="https://www.nhs.uk/your-nhs-data-matters/">nhs.uk/your-nhs-data-matters</a>, or by
telephone: 0300 303 5678. It counts from the next release where the law lets it count, as the table
says. It does not take you out of tables of numbers.</li>
<li><strong>Type 1 opt-out.</strong> Ask your general practice not to send your records out of the
practice for anything but your own care.</li>
</ul>

<h2>How to check</h2>
<p>The agreements, who receives data and every release are published beside this page, signed, as
tables that anybody may read. You may ask what is held about you, and complain to the Information
Commissioner (<a href="https://ico.org.uk/make-a-complaint/">ico.org.uk/make-a-complaint</a>).</p>
</body>
</html>
""".encode()


def _row(agreement: Mapping[str, Any]) -> str:
    cells = (
        agreement["recipient_name"] or agreement["recipient_code"],
        agreement["purpose"],
        FLOWS[agreement["information_flow"]],
        agreement["legal_basis"],
    )
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>"
