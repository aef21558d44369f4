-- Pseudo-random numbers and small helpers. Every draw is a pure function of (seed, stream, id),
-- so that no draw depends on the order of rows, on threads, or on how many other draws there are.
-- MD5 is used as a mixer only (no secret depends on it) because its value is fixed by a standard;
-- DuckDB's own hash() may change between versions.

-- A whole number of 63 bits. (md5_number_lower would do, at five times the cost.)
create or replace macro draw(stream, id) as
(md5_number(concat(concat(getvariable('seed'), ':', stream, ':'), id)) >> 65)::bigint;

-- A number in [0, 1), 53 bits.
create or replace macro uniform(stream, id) as (draw(stream, id) >> 10)::double / 9007199254740992;

-- A whole number 0 .. n - 1.
create or replace macro below(stream, id, n) as (draw(stream, id) % n)::integer;

-- One item of a list.
create or replace macro pick(items, stream, id) as
items[1 + draw(stream, id) % len(items)];

-- Digits that say nothing: `width` characters of hexadecimal, upper case.
create or replace macro token(stream, id, width) as
upper(substr(md5(concat(getvariable('seed'), ':', stream, ':', id)), 1, width));

-- Weighted sum of the nine digits of an NHS number without its check digit (weights 10 to 2).
create or replace macro weighted_digits(n) as (
    10 * ((n // 100000000) % 10)
    + 9 * ((n // 10000000) % 10)
    + 8 * ((n // 1000000) % 10)
    + 7 * ((n // 100000) % 10)
    + 6 * ((n // 10000) % 10)
    + 5 * ((n // 1000) % 10)
    + 4 * ((n // 100) % 10)
    + 3 * ((n // 10) % 10)
    + 2 * (n % 10)
);

-- Modulus 11 (NHS Data Dictionary, NHS NUMBER). 10 means that the nine digits cannot be used.
create or replace macro check_digit(n) as (11 - weighted_digits(n) % 11) % 11;

-- One round of the permutation below.
create or replace macro scrambled(round, half) as
draw(concat('number', round), half) % getvariable('half_size');

-- Age in completed years, near enough to choose rates by.
create or replace macro age_on(born, day) as (day - born) // 365.25;

-- How much hospital care an age needs, relative to the average person.
create or replace macro need_at(age) as
case
    when age < 1 then 1.4
    when age < 5 then 0.8
    when age < 18 then 0.4
    when age < 45 then 0.7
    when age < 65 then 1.0
    when age < 80 then 1.9
    else 2.7
end;

-- Practice of a person on a day: the one they moved to, once they have moved.
create or replace macro practice_on(practice_1, practice_2, moved_on, day) as
case when day >= moved_on then practice_2 else practice_1 end;

-- The NHS number a sender writes: now and then none, now and then the superseded one.
create or replace macro sent_nhs_number(is_canary, nhs_number, old_nhs_number, id) as
case
    when not is_canary and uniform('number missing', id) < 0.005 then ''
    when uniform('number old', id) < 0.3 then coalesce(old_nhs_number, nhs_number)
    else nhs_number
end;

-- Hospital number of a person at a provider. Some hospitals build it from the NHS number, which is
-- why a local identifier is an identifier.
create or replace macro local_id(is_canary, nhs_number, person_id, provider_code) as
case
    when is_canary then concat('L', nhs_number)
    when uniform('local id kind', person_id) < 0.01 then concat('L', nhs_number)
    else concat('H', token('local id', concat(person_id, ':', provider_code), 8))
end;

-- Record id at the sender: stays with the record for life, unique at the sender.
create or replace macro record_id(prefix, is_canary, nhs_number, id) as
case
    when is_canary then concat(prefix, nhs_number, token(prefix, id, 12))
    else concat(prefix, token(prefix, id, 22))
end;

-- Number of an ambulance incident; the hospital writes down what the ambulance crew gave it.
create or replace macro incident_number(is_canary, nhs_number, id) as
case
    when is_canary then concat('I', nhs_number, token('incident', id, 6))
    else concat('I', token('incident', id, 12))
end;

-- A moment as a sender writes it; nothing where it did not happen.
create or replace macro sent_moment(moment) as coalesce(strftime(moment, '%Y-%m-%dT%H:%M:%S'), '');

-- Site of treatment: the provider's code and two more characters; an independent has one site.
create or replace macro site_of(provider_code, id) as
case
    when len(provider_code) = 3
        then concat(provider_code, pick(['01', '01', '01', '02'], 'site', id))
    else provider_code
end;

-- Trust that a resident uses: mostly the first one of the area, at times another one of the board,
-- now and then one anywhere in this world.
create or replace macro trust_for(own_trust, first_trust, trusts_in_icb, id) as
case
    when uniform('trust', id) < 0.80 then own_trust
    when uniform('trust', id) < 0.94 then first_trust + below('trust near', id, trusts_in_icb)
    else below('trust far', id, getvariable('trusts'))
end;

-- A canary has one record in each event feed for certain, in a month of its own.
create or replace macro canary_month(is_canary, person_id, month_index) as
is_canary and (person_id * 2) % getvariable('months') = month_index;
