"""Who may have what, row by row in plain Python, from the rules and not from the models.

Sources: NHS England, Data Access Request Service guidance and its standards on data minimisation;
Legitimate Commissioning Relationships (NHS Digital); National data opt-out operational policy
guidance; Human Fertilisation and Embryology Act 1990; UK GDPR article 28(3).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sql_world import Decisions

Row = Mapping[str, Any]
World = Mapping[str, list[Row]]
EVERY_REASON = {
    "recipient_not_in_existence",
    "contract_not_signed",
    "contract_not_in_force",
    "agreement_not_in_date",
    "legal_basis_not_in_force",
    "legal_basis_does_not_fit_flow",
    "recipient_not_controller",
    "assurance_not_in_date",
    "processor_without_instructions",
    "level_does_not_fit_flow",
    "opt_outs_do_not_fit_flow",
    "limits_do_not_fit_tables",
    "opt_outs_could_be_subtracted",
    "no_relationship_in_force",
    "relationship_contract_not_signed",
    "relationship_without_both_consents",
    "relationship_not_in_force",
    "relationship_not_published",
    "data_set_not_in_agreement",
    "period_not_in_agreement",
    "outside_limit_of_age_band",
    "outside_limit_of_local_authority_code",
    "outside_limit_of_point_of_delivery",
    "outside_limit_of_treatment_function_code",
    "legally_restricted_code",
    "identity_withheld",
    "sensitive_person",
    "opted_out",
    "person_not_established",
}
"""Everything that can keep something back."""
RECORD_FLOWS = {"commissioning", "invoice_validation", "public_interest", "risk_stratification"}
LEVELS = {"aggregate": "aggregated", "invoice_validation": "identifiable"}
CONTROLLERS = {"controller", "joint_controller"}
MET = {"standards_met", "standards_exceeded"}
LINKS = {
    "commissions_for": "responsible_commissioner_code",
    "responsible_for_residents": "local_authority_code",
}
TABLES = {"admitted": "apc_spell", "emergency": "emergency_attendance"}


def holds(day: datetime.date, start: datetime.date | None, end: datetime.date | None) -> bool:
    """Whether a period without a start never holds, and one without an end never stops."""
    return start is not None and start <= day and (end is None or day <= end)


class Oracle:
    """The decisions of one world on one day."""

    def __init__(self, world: World, day: datetime.date) -> None:
        """world: rows by seed or model, every column present."""
        self.world, self.day = world, day

    def decide(self) -> Decisions:
        """Judge every record and agreement, every relationship, every area."""
        eligibility = {}
        for record in self._records():
            for agreement in self._agreements():
                reach = self._reach(record, agreement["recipient_code"])
                if agreement["information_flow"] not in RECORD_FLOWS or reach is None:
                    continue
                reasons = reach | self._agreement_reasons(agreement)
                reasons |= self._contractual(record, agreement)
                reasons |= self._legal(record, agreement["opt_out_regime"] == "applied")
                key = (str(record["activity_key"]), agreement["agreement_id"])
                eligibility[key] = frozenset(reasons)
        entitlement = self._entitlements()
        return Decisions(
            eligibility=eligibility,
            entitlement=entitlement,
            scope=self._scope(),
            legal={
                (str(record["activity_key"]),): frozenset(self._legal(record, True))
                for record in self.world["fct_activity"]
            },
            packs=self._packs(entitlement),
            terms=frozenset(self._terms()),
            areas=frozenset(self._areas()),
            fields=frozenset(self._fields()),
        )

    # Agreements ---------------------------------------------------------------------------------

    def _agreements(self) -> Iterator[Row]:
        by_id: dict[str, list[Row]] = {}
        for version in self.world["data_sharing_agreement"]:
            by_id.setdefault(version["agreement_id"], []).append(version)
        for versions in by_id.values():
            begun = [version for version in versions if version["starts_on"] <= self.day]
            yield max(begun or versions, key=lambda v: (v["starts_on"], v["agreement_version"]))

    def _agreement_reasons(self, agreement: Row) -> set[str]:
        reasons = set()
        recipient = agreement["recipient_code"]
        if not any(
            row["organisation_code"] == recipient
            and holds(self.day, row["valid_from"], row["valid_to"])
            for row in self.world["dim_organisation"]
        ):
            reasons.add("recipient_not_in_existence")
        contracts = [
            row
            for row in self.world["framework_contract"]
            if row["contract_reference"] == agreement["contract_reference"]
            and row["organisation_code"] == recipient
        ]
        if not any(row["signed_on"] and row["signed_on"] <= self.day for row in contracts):
            reasons.add("contract_not_signed")
        if not any(holds(self.day, row["valid_from"], row["valid_to"]) for row in contracts):
            reasons.add("contract_not_in_force")
        if not holds(self.day, agreement["starts_on"], agreement["ends_on"]):
            reasons.add("agreement_not_in_date")
        permitted = {
            row["information_flow"]
            for row in self.world["legal_basis"]
            if row["legal_basis"] == agreement["legal_basis"]
            and holds(self.day, row["valid_from"], row["valid_to"])
        }
        if not permitted:
            reasons.add("legal_basis_not_in_force")
        elif agreement["information_flow"] not in permitted:
            reasons.add("legal_basis_does_not_fit_flow")
        if self._could_be_subtracted(agreement):
            reasons.add("opt_outs_could_be_subtracted")
        return reasons | self._party_reasons(agreement) | self._flow_reasons(agreement)

    def _could_be_subtracted(self, agreement: Row) -> bool:
        """Whether a party has, or still has, the same records under the other rule of opt-outs."""
        mine = {party["organisation_code"] for party in self._parties(agreement)}
        return any(
            other["opt_out_regime"] != agreement["opt_out_regime"]
            and holds(self.day, other["starts_on"], other["retained_until"])
            and agreement["period_start"] <= other["period_end"]
            and other["period_start"] <= agreement["period_end"]
            and self._tables(agreement) & self._tables(other) & set(TABLES.values())
            and mine & self._holders(other)
            for other in self.world["data_sharing_agreement"]
        )

    def _parties(self, agreement: Row) -> list[Row]:
        """Who is a party today: neither one that left nor one that is to join."""
        return [
            row
            for row in self._of_version("agreement_party", agreement)
            if holds(self.day, row["joined_on"], row["left_on"])
        ]

    def _holders(self, version: Row) -> set[str]:
        """Who was given something under a version, but for those that certified its destruction."""
        return {
            row["organisation_code"]
            for row in self._of_version("agreement_party", version)
            if row["joined_on"] <= self.day
            and not (row["data_destroyed_on"] and row["data_destroyed_on"] <= self.day)
        }

    def _of_version(self, name: str, agreement: Row) -> list[Row]:
        return [
            row
            for row in self.world[name]
            if row["agreement_id"] == agreement["agreement_id"]
            and row["agreement_version"] == agreement["agreement_version"]
        ]

    def _party_reasons(self, agreement: Row) -> set[str]:
        parties = self._parties(agreement)
        reasons = set()
        if not any(
            party["party_role"] in CONTROLLERS
            and party["organisation_code"] == agreement["recipient_code"]
            for party in parties
        ):
            reasons.add("recipient_not_controller")
        if not parties or not all(self._assured(party["organisation_code"]) for party in parties):
            reasons.add("assurance_not_in_date")
        for party in parties or [{"party_role": "processor", "instruction_reference": None}]:
            if party["party_role"] == "processor" and (
                party["instruction_reference"] is None
                or party["instructed_on"] is None
                or party["instructed_on"] > self.day
            ):
                reasons.add("processor_without_instructions")
        return reasons

    def _assured(self, organisation: str) -> bool:
        """Whether the last assessment that was published says so; of one day, every one."""
        published = [
            row
            for row in self.world["security_assurance"]
            if row["organisation_code"] == organisation
            and row["published_on"] is not None
            and row["published_on"] <= self.day
        ]
        last = max((row["published_on"] for row in published), default=None)
        return bool(published) and all(
            row["status"] in MET and holds(self.day, row["published_on"], row["valid_to"])
            for row in published
            if row["published_on"] == last
        )

    def _flow_reasons(self, agreement: Row) -> set[str]:
        flow = agreement["information_flow"]
        level = LEVELS.get(flow, "pseudonymised")
        regime = "applied" if flow == "risk_stratification" else "not_applied"
        reasons = set()
        if agreement["information_level"] != level:
            reasons.add("level_does_not_fit_flow")
        if agreement["opt_out_regime"] != regime:
            reasons.add("opt_outs_do_not_fit_flow")
        if flow == "aggregate" and self._of_version("agreement_limit", agreement):
            reasons.add("limits_do_not_fit_tables")
        return reasons

    def _tables(self, agreement: Row) -> set[str]:
        return {
            row["table_name"]
            for row in self.world["agreement_field"]
            if row["field_list"] == agreement["field_list"]
        }

    # Relationships ------------------------------------------------------------------------------

    def _relationship_reasons(self, row: Row) -> set[str]:
        reasons = set()
        consents = (row["commissioner_consented_on"], row["recipient_consented_on"])
        if row["contract_signed_on"] is None or row["contract_signed_on"] > self.day:
            reasons.add("relationship_contract_not_signed")
        if any(consent is None or consent > self.day for consent in consents):
            reasons.add("relationship_without_both_consents")
        if not holds(self.day, row["valid_from"], row["valid_to"]):
            reasons.add("relationship_not_in_force")
        if row["published_on"] is None or row["published_on"] > self.day:
            reasons.add("relationship_not_published")
        return reasons

    def _reach(self, record: Row, recipient: str) -> set[str] | None:
        """Why the relationships that lead from a record to a recipient do not count.

        Empty where one of them does, None where there is none: then nothing is given.
        """
        linked = [
            self._relationship_reasons(row)
            for row in self.world["legitimate_commissioning_relationship"]
            if row["recipient_code"] == recipient
            and row["relationship_type"] in LINKS
            and record[LINKS[row["relationship_type"]]] == row["commissioner_code"]
        ]
        if not linked:
            return None
        return set() if set() in linked else set().union(*linked)

    def _entitlements(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {
            (agreement["agreement_id"], table, row["relationship_id"]): frozenset(
                self._agreement_reasons(agreement) | self._relationship_reasons(row)
            )
            for agreement in self._agreements()
            for table in self._tables(agreement)
            for row in self.world["legitimate_commissioning_relationship"]
            if row["recipient_code"] == agreement["recipient_code"]
        }

    def _scope(self) -> dict[tuple[str, ...], frozenset[str]]:
        """Why a code does not lead to a recipient; no reason where one relationship holds."""
        by_code: dict[tuple[str, ...], list[set[str]]] = {}
        for row in self.world["legitimate_commissioning_relationship"]:
            if row["relationship_type"] in LINKS:
                link = LINKS[row["relationship_type"]]
                key = (row["recipient_code"], link, row["commissioner_code"])
                by_code.setdefault(key, []).append(self._relationship_reasons(row))
        return {
            key: frozenset() if set() in found else frozenset().union(*found)
            for key, found in by_code.items()
        }

    def _packs(
        self, entitlement: Mapping[tuple[str, ...], frozenset[str]]
    ) -> dict[tuple[str, ...], frozenset[str]]:
        """Why there is no pack: reasons of the agreement, or that no relationship leads to it."""
        giving = {key[0] for key, reasons in entitlement.items() if not reasons}
        packs = {}
        for agreement in self._agreements():
            name = agreement["agreement_id"]
            reasons = self._agreement_reasons(agreement)
            packs[name,] = frozenset(
                reasons or (set() if name in giving else {"no_relationship_in_force"})
            )
        return packs

    def _terms(self) -> Iterator[tuple[Any, ...]]:
        """Of each agreement, data set and relationship: version, parties, form and period."""
        for agreement in self._agreements():
            flow = agreement["information_flow"]
            form = {"aggregate": "aggregate", "invoice_validation": "controlled"}
            for table in self._tables(agreement):
                for row in self.world["legitimate_commissioning_relationship"]:
                    if row["recipient_code"] == agreement["recipient_code"]:
                        yield (
                            agreement["agreement_id"],
                            table,
                            row["relationship_id"],
                            agreement["agreement_version"],
                            agreement["recipient_code"],
                            form.get(flow, "record_level"),
                            row["commissioner_code"],
                            agreement["period_start"],
                            agreement["period_end"],
                        )

    def _fields(self) -> Iterator[tuple[str, ...]]:
        """Columns of the agreements' tables; in an entitlement where nothing refuses."""
        for agreement in self._agreements():
            for row in self.world["agreement_field"]:
                if row["field_list"] == agreement["field_list"]:
                    name = (agreement["agreement_id"], row["table_name"], row["field_name"])
                    yield ("rel_field", *name)
                    if not self._agreement_reasons(agreement):
                        yield ("rel_entitlement", *name)

    def _areas(self) -> Iterator[tuple[Any, ...]]:
        """Sub-ICBs that a board is entitled to, its total where it has all, and the nation."""
        boards: dict[str, set[str]] = {}
        for row in self.world["dim_commissioner"]:
            boards.setdefault(row["icb_code"], set()).add(row["sub_icb_code"])
        heirs = {
            row["organisation_code"]: row["current_code"]
            for row in self.world["dim_organisation_successor"]
        }
        for agreement in self._agreements():
            if agreement["information_flow"] != "aggregate" or self._agreement_reasons(agreement):
                continue
            recipient = agreement["recipient_code"]
            mine = {
                row["commissioner_code"]
                for row in self.world["legitimate_commissioning_relationship"]
                if row["recipient_code"] == recipient and not self._relationship_reasons(row)
            }
            period = (agreement["period_start"], agreement["period_end"])
            for table in self._tables(agreement):
                label = (agreement["agreement_id"], table)
                for board, parts in boards.items():
                    if recipient not in (board, heirs.get(board)):
                        continue
                    yield from ((*label, board, part, *period) for part in parts & mine)
                    if parts <= mine:
                        yield (*label, board, "ALL", *period)
                    if parts & mine:
                        yield (*label, "ALL", "ALL", *period)

    # Records ------------------------------------------------------------------------------------

    def _records(self) -> Iterator[Row]:
        authority = {
            row["lsoa_code"]: row["local_authority_code"] for row in self.world["dim_geography"]
        }
        payer = {
            row["activity_key"]: row["responsible_commissioner_code"]
            for row in self.world["gov_responsible_commissioner"]
        }
        for row in self.world["fct_activity"]:
            if row["setting"] in TABLES:
                yield {
                    **row,
                    "local_authority_code": authority.get(row["lsoa_code"]),
                    "responsible_commissioner_code": payer[row["activity_key"]],
                }

    def _contractual(self, record: Row, agreement: Row) -> set[str]:
        reasons = set()
        if TABLES[record["setting"]] not in self._tables(agreement):
            reasons.add("data_set_not_in_agreement")
        day = record["activity_date"]
        if day is None or not agreement["period_start"] <= day <= agreement["period_end"]:
            reasons.add("period_not_in_agreement")
        limits: dict[str, set[str]] = {}
        for row in self._of_version("agreement_limit", agreement):
            limits.setdefault(row["limited"], set()).add(row["allowed_value"])
        for column, allowed in limits.items():
            if record[column] not in allowed:
                reasons.add(f"outside_limit_of_{column}")
        return reasons

    def _legal(self, record: Row, honours_opt_outs: bool) -> set[str]:
        reasons = set()
        key, person = record["activity_key"], record["person_key"]
        mine = {key} | {
            row["record_key"] for row in self.world["fct_apc_episode"] if row["spell_key"] == key
        }
        if any(
            self._kept_back(system, row[column])
            for system, name, column in (
                ("ICD-10", "brg_diagnosis", "diagnosis_code"),
                ("OPCS-4", "brg_procedure", "procedure_code"),
            )
            for row in self.world[name]
            if row["record_key"] in mine
        ):
            reasons.add("legally_restricted_code")
        if any(
            row[column] == key and row["withheld_identity_reason"] is not None
            for name, column in (
                ("fct_apc_spell", "spell_key"),
                ("fct_emergency_attendance", "record_key"),
                ("fct_outpatient_appointment", "record_key"),
            )
            for row in self.world[name]
        ):
            reasons.add("identity_withheld")
        register = [
            row for row in self.world["dim_person"] if row["surviving_person_key"] == person
        ]
        if any(row["is_sensitive"] for row in register) or any(
            row["person_key"] == person for row in self.world["hnd_sensitive_record_person"]
        ):
            reasons.add("sensitive_person")
        if honours_opt_outs:
            if self._objects(person):
                reasons.add("opted_out")
            if not (register and record["is_person_established"]):
                reasons.add("person_not_established")
        return reasons

    def _kept_back(self, system: str, code: str) -> bool:
        readable = (
            len(code) in (3, 4, 5)
            and "A" <= code[0] <= "Z"
            and all(digit in "0123456789" for digit in code[1:3])
            and all(digit in "0123456789X" for digit in code[3:4])
            and all(digit in "0123456789" for digit in code[4:])
        )
        return not readable or any(
            row["code_system"] == system
            and code.startswith(row["code_prefix"])
            and holds(self.day, row["valid_from"], row["valid_to"])
            for row in self.world["legally_restricted_code"]
        )

    def _objects(self, person: object) -> bool:
        survives: Callable[[object], object] = lambda key: next(  # noqa: E731
            (
                row["surviving_person_key"]
                for row in self.world["dim_person"]
                if row["person_key"] == key
            ),
            key,
        )
        return any(
            row["kind"] == "national_data_opt_out"
            and survives(row["person_key"]) == person
            and holds(self.day, row["valid_from"], row["valid_to"])
            for row in self.world["hnd_objection"]
        )
