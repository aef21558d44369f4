"""Worlds of agreements, relationships and records, each on and around one day."""

from __future__ import annotations

import datetime
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

RECIPIENTS = ("QAA", "QBB")
PROCESSOR = "0AA"
PARTIES = (*RECIPIENTS, PROCESSOR)
SUB_ICBS = {"1A": "QAA", "1B": "QAA", "2A": "QBB"}
AREA, OTHER_AREA = "E06000001", "E06000002"
FLOWS = {
    "aggregate": ("aggregate", "aggregated", "not_applied"),
    "commissioning": ("record_level", "pseudonymised", "not_applied"),
    "invoice_validation": ("controlled", "identifiable", "not_applied"),
    "public_interest": ("record_level", "pseudonymised", "not_applied"),
    "risk_stratification": ("record_level", "pseudonymised", "applied"),
}
RELATIONSHIP_TYPES = {
    "commissions_for": "responsible_commissioner_code",
    "responsible_for_residents": "local_authority_code",
    "supported_by": None,
}
FIELD_LISTS = {
    "tables": ("mart_activity_by_provider",),
    "admitted": ("apc_spell",),
    "emergency": ("emergency_attendance",),
    "both": ("apc_spell", "emergency_attendance"),
}
RECIPIENT_ROLES = ["controller"] * 12 + ["joint_controller", "processor", None]
LIMITS = {
    "age_band": ("65-69", "70-74"),
    "local_authority_code": (AREA, OTHER_AREA),
    "point_of_delivery": ("DC", "AE"),
    "treatment_function_code": ("100", "300"),
}
RESTRICTED = {
    "N97": (-400, None),
    "N98": (-400, -1),
    "Q21": (0, 0),
    "Q22": (1, None),
}
"""Prefixes of restricted codes, and from which to which day they are restricted."""
CODES = ["I10", "N979", "N980", "N 979", "Q211", "Q220", "I21X", "i10"]
Row = dict[str, Any]


def uuid(number: int) -> str:
    """A key."""
    return str(UUID(int=number))


def kinds(commissioner: str) -> list[str]:
    """The kinds of relationship, the usual one of a commissioner first."""
    usual = "responsible_for_residents" if commissioner == AREA else "commissions_for"
    return sorted(RELATIONSHIP_TYPES, key=lambda name: name != usual)


def usual_basis(flow: str) -> str:
    """The legal basis of a kind of flow; one of its own, so that another does not fit."""
    return "notice" if flow == "public_interest" else "statute"


class Maker:
    """Draws the rows of one world."""

    def __init__(self, random: Random, day: datetime.date) -> None:
        """day: the release date, on and around which everything begins and ends."""
        self.random = random
        at = [day + datetime.timedelta(days=days) for days in (-400, -1, 0, 1, 400)]
        self.long_ago, self.yesterday, self.today, self.tomorrow, self.far = at

    def one(self, usual: Any, *others: Any) -> Any:
        """The usual value, or seldom another: a gate is seen where the others do not refuse."""
        return self.random.choice([usual] * 20 * len(others) + [*others])

    def begun(self) -> datetime.date | None:
        """When something began, mostly long ago; None where it never did."""
        return self.one(self.long_ago, self.yesterday, self.today, self.tomorrow, None)

    def starts(self) -> datetime.date:
        """First day of an agreement."""
        return self.one(self.long_ago, self.today, self.tomorrow)

    def ends(self) -> datetime.date | None:
        """When something ends, mostly not soon; None where it has no end."""
        return self.one(self.far, self.yesterday, self.today, self.tomorrow, None)

    def few(self, most: int, least: int = 0) -> range:
        """Numbers to count with."""
        return range(self.random.randint(least, most))

    def world(self) -> dict[str, list[Row]]:
        """Rows by seed or model, but for those that all worlds share."""
        return {
            "dim_commissioner": [
                {"sub_icb_code": part, "icb_code": board} for part, board in SUB_ICBS.items()
            ],
            "dim_organisation_successor": [
                {"organisation_code": "QBB", "current_code": self.one(None, "QAA")}
            ],
            "dim_geography": [{"lsoa_code": "E01000001", "local_authority_code": AREA}],
            **self.organisations(),
            **self.agreements(),
            **self.relationships(),
            **self.people(),
            **self.records(),
        }

    def organisations(self) -> dict[str, list[Row]]:
        """Who exists, has contracts and is assured."""
        return {
            "dim_organisation": [
                {
                    "organisation_code": code,
                    "valid_from": self.begun(),
                    "valid_to": self.ends(),
                    "is_latest": True,
                }
                for code in PARTIES
            ],
            "framework_contract": [
                {
                    "contract_reference": f"C-{code}",
                    "organisation_code": code,
                    "signed_on": self.begun(),
                    "valid_from": self.begun(),
                    "valid_to": self.ends(),
                }
                for code in RECIPIENTS
            ],
            "legal_basis": [
                {
                    "legal_basis": name,
                    "information_flow": flow,
                    "valid_from": self.begun(),
                    "valid_to": self.ends(),
                }
                for flow in FLOWS
                for name in [usual_basis(flow)]
            ],
            "security_assurance": [
                {
                    "organisation_code": code,
                    "status": self.one(
                        "standards_met", "standards_exceeded", "approaching_standards"
                    ),
                    "published_on": self.begun(),
                    "valid_to": self.ends(),
                }
                for code in PARTIES
                for _ in self.few(2, least=1)
            ],
        }

    def agreements(self) -> dict[str, list[Row]]:
        """Agreements of one or two versions, with their parties and limits."""
        versions, parties, limits = [], [], []
        for agreement in range(2):
            for version in self.few(2, least=1):
                row = self.version(f"A{agreement}", version + 1)
                label = {name: row[name] for name in ("agreement_id", "agreement_version")}
                versions.append(row)
                parties += [label | party for party in self.parties(row["recipient_code"])]
                limits += [label | limit for limit in self.limits()]
        return {
            "data_sharing_agreement": versions,
            "agreement_party": parties,
            "agreement_limit": limits,
        }

    def version(self, agreement: str, version: int) -> Row:
        """One version of an agreement."""
        # Tables twice: they are owed by area, and areas are few.
        flow = self.random.choice(["aggregate", *FLOWS])
        _, level, regime = FLOWS[flow]
        recipient = self.random.choice(RECIPIENTS)
        return {
            "agreement_id": agreement,
            "agreement_version": version,
            "recipient_code": recipient,
            "information_flow": flow,
            "legal_basis": self.one(usual_basis(flow), "statute", "hearsay"),
            "information_level": self.random.choice([level] * 6 + ["aggregated", "pseudonymised"]),
            "opt_out_regime": self.random.choice([regime] * 6 + ["applied", "not_applied"]),
            "key_version": 1,
            "contract_reference": self.one(f"C-{recipient}", "C-QAA", "C-QBB"),
            "field_list": "tables"
            if flow == "aggregate"
            else self.random.choice(["both", "admitted", "emergency"]),
            "starts_on": self.starts(),
            "ends_on": self.ends() or self.far,
            "retained_until": self.one(self.far, self.yesterday, self.today),
            "period_start": self.one(self.long_ago, self.yesterday, self.today),
            "period_end": self.one(self.far, self.yesterday, self.today),
        }

    def parties(self, recipient: str) -> list[Row]:
        """Who controls and who processes."""
        named = []
        if role := self.random.choice(RECIPIENT_ROLES):
            named.append((recipient, role))
        if role := self.random.choice([None, None, "processor", "controller"]):
            named.append((PROCESSOR, role))
        return [
            {
                "organisation_code": code,
                "party_role": role,
                "instruction_reference": self.one("I-1", None),
                "instructed_on": self.begun(),
                **self.party_days(code),
            }
            for code, role in named
        ]

    def party_days(self, code: str) -> Row:
        """When a party joined, whether it left, and whether it certified that it holds nothing.

        A recipient seldom leaves, since it gets nothing then; a processor comes and goes.
        """
        days = (self.yesterday, self.today, self.tomorrow)
        if code == PROCESSOR:
            joined = self.random.choice([self.long_ago, self.long_ago, self.today, self.tomorrow])
            left = self.random.choice([None, *days])
        else:
            joined = self.one(self.long_ago, self.today, self.tomorrow)
            left = self.one(None, *days)
        return {
            "joined_on": joined,
            "left_on": left,
            "data_destroyed_on": self.random.choice((None, *days)) if left else None,
        }

    def limits(self) -> list[Row]:
        """Rows of at most one limit."""
        if not (limited := self.random.choice([None, None, *LIMITS])):
            return []
        values = self.random.sample(LIMITS[limited], self.random.randint(1, 2))
        return [{"limited": limited, "allowed_value": value} for value in sorted(values)]

    def relationships(self) -> dict[str, list[Row]]:
        """Between commissioners or areas and recipients or processors."""
        pairs = [("1A", "QAA"), ("2A", "QBB"), (AREA, "QBB")] + [
            (self.random.choice([*SUB_ICBS, AREA]), self.one("QAA", "QBB", PROCESSOR))
            for _ in self.few(2)
        ]
        rows = [
            {
                "relationship_id": f"L{number}",
                "commissioner_code": commissioner,
                "recipient_code": recipient,
                "relationship_type": self.one(*kinds(commissioner)),
                "contract_signed_on": self.begun(),
                "commissioner_consented_on": self.begun(),
                "recipient_consented_on": self.begun(),
                "valid_from": self.begun(),
                "valid_to": self.ends(),
                "published_on": self.begun(),
            }
            for number, (commissioner, recipient) in enumerate(pairs)
        ]
        return {"legitimate_commissioning_relationship": rows}

    def people(self) -> dict[str, list[Row]]:
        """Two people of the register, who may be one, and objections, also of a third."""
        return {
            "dim_person": [
                {
                    "person_key": uuid(901),
                    "surviving_person_key": uuid(901),
                    "is_sensitive": self.one(False, True),
                },
                {
                    "person_key": uuid(902),
                    "surviving_person_key": self.random.choice([uuid(902), uuid(901)]),
                    "is_sensitive": self.one(False, True),
                },
            ],
            "hnd_sensitive_record_person": [
                {"person_key": uuid(900 + self.random.randint(1, 3))} for _ in self.few(1)
            ],
            "hnd_objection": [
                {
                    "person_key": uuid(900 + self.random.randint(1, 3)),
                    "kind": self.random.choice(["national_data_opt_out", "type_1"]),
                    "valid_from": self.begun(),
                    "valid_to": self.ends(),
                }
                for _ in self.few(2, least=1)
            ],
        }

    def records(self) -> dict[str, list[Row]]:
        """Spells with an episode and codes, attendances and appointments."""
        activities, payers, episodes, diagnoses, procedures = [], [], [], [], []
        withheld: dict[str, list[Row]] = {"admitted": [], "emergency": [], "outpatient": []}
        for number in range(4):
            key, episode = uuid(number + 1), uuid(number + 101)
            setting = self.random.choice(["admitted", "emergency", "admitted", "outpatient"])
            activities.append(self.activity(key, setting))
            payers.append(
                {
                    "activity_key": key,
                    "responsible_commissioner_code": self.random.choice(
                        ["1A", "2A", "1A", "2A", "1B", AREA, None]
                    ),
                }
            )
            if setting == "admitted":
                episodes.append({"record_key": episode, "spell_key": key})
            coded = episode if setting == "admitted" else key
            diagnoses += [
                {"record_key": coded, "diagnosis_code": self.random.choice(CODES)}
                for _ in self.few(1)
            ]
            procedures += [
                {"record_key": coded, "procedure_code": self.random.choice(CODES)}
                for _ in self.few(1)
            ]
            withheld[setting].append(
                {
                    "spell_key" if setting == "admitted" else "record_key": key,
                    "withheld_identity_reason": self.one(None, "03"),
                }
            )
        return {
            "fct_activity": activities,
            "gov_responsible_commissioner": payers,
            "fct_apc_episode": episodes,
            "brg_diagnosis": diagnoses,
            "brg_procedure": procedures,
            "fct_apc_spell": withheld["admitted"],
            "fct_emergency_attendance": withheld["emergency"],
            "fct_outpatient_appointment": withheld["outpatient"],
        }

    def activity(self, key: str, setting: str) -> Row:
        """One activity, with all that limits look at."""
        return {
            "activity_key": key,
            "person_key": uuid(900 + self.random.choice([1, 1, 2, 3])),
            "setting": setting,
            "is_person_established": self.one(True, False),
            "activity_date": self.one(
                self.yesterday,
                self.long_ago - datetime.timedelta(days=1),
                self.long_ago,
                self.today,
                self.tomorrow,
                None,
            ),
            "lsoa_code": self.random.choice(["E01000001"] * 4 + ["E01000009", None]),
            "age_band": self.random.choice(["65-69", "70-74", "unknown"]),
            "point_of_delivery": self.random.choice(["DC", "AE"]),
            "treatment_function_code": self.random.choice(["100", "300", None]),
        }


KEY_COLUMNS = ("person_key", "surviving_person_key", "activity_key", "spell_key", "record_key")
CODE_COLUMNS = (
    "agreement_id",
    "recipient_code",
    "organisation_code",
    "current_code",
    "contract_reference",
    "relationship_id",
    "commissioner_code",
    "responsible_commissioner_code",
    "sub_icb_code",
    "icb_code",
    "legal_basis",
    "lsoa_code",
    "local_authority_code",
)


def worlds(day: datetime.date) -> st.SearchStrategy[dict[str, list[Row]]]:
    """Worlds around a day."""

    def world(seed: int) -> dict[str, list[Row]]:
        return Maker(Random(seed), day).world()

    return st.integers(0, 2**64 - 1).map(world)


def rules(day: datetime.date) -> dict[str, list[Row]]:
    """Rows that all worlds share: flows, fields, kinds of relationship, restricted codes."""
    days = datetime.timedelta
    return {
        "information_flow": [
            {
                "information_flow": name,
                "pack_form": form,
                "information_level": level,
                "opt_out_regime": regime,
            }
            for name, (form, level, regime) in FLOWS.items()
        ],
        "agreement_field": [
            {"field_list": name, "table_name": table, "field_name": "sex"}
            for name, tables in FIELD_LISTS.items()
            for table in tables
        ],
        "field_definition": [
            {"table_name": table, "field_name": "sex"}
            for table in sorted({table for tables in FIELD_LISTS.values() for table in tables})
        ],
        "relationship_type": [
            {"relationship_type": name, "linked_by": column}
            for name, column in RELATIONSHIP_TYPES.items()
        ],
        "legally_restricted_code": [
            {
                "code_system": system,
                "code_prefix": prefix,
                "valid_from": day + days(first),
                "valid_to": None if last is None else day + days(last),
            }
            for system, initial in (("ICD-10", "N"), ("OPCS-4", "Q"))
            for prefix, (first, last) in RESTRICTED.items()
            if prefix.startswith(initial)
        ],
    }


def apart(number: int, world: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """A world whose keys and codes are those of no other, so that many fit into one database."""
    return {name: [_apart(number, row) for row in rows] for name, rows in world.items()}


def _apart(number: int, row: Row) -> Row:
    moved = dict(row)
    for name, value in row.items():
        if value is None:
            continue
        if name in KEY_COLUMNS:
            moved[name] = uuid(1000 * number + UUID(value).int)
        elif name in CODE_COLUMNS:
            moved[name] = f"{number}-{value}"
    if row.get("limited") == "local_authority_code":
        moved["allowed_value"] = f"{number}-{row['allowed_value']}"
    return moved
