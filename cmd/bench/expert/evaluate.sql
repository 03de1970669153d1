-- The evaluation that cmd/bench times, as an expert would write it in PostGIS instead: parcels by zone, land mix, idle
-- land, rivers, land in use, indicators, grades, and what falls on parcels and zones. It reads the tables that
-- `muscope load` makes, and leaves the schema expert with a table for each layer and list. The year is 2024, the day
-- 2025-06-30, the rules those of lianyungang-2022, chizhou-2015, suizhou-2018 and national-idle-land-2012. It takes the
-- data as sound, without rejects, repairs, evidence or explanation, and leaves out the scorecards and the rules of the
-- chemical park, and so does less than muscope. The table
-- land_use_classes (standard, code, mix_class, mix_class_wide) is there before it.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET jit = off;
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 2;
DROP SCHEMA IF EXISTS expert CASCADE;
CREATE SCHEMA expert;
SET search_path = expert, :"data", public;

-- Official areas. Edges are straight in longitude and latitude, and a geography's are not: long ones are cut.
CREATE UNLOGGED TABLE plots AS
SELECT parcel_code, geom, drawn, CASE WHEN recorded_area > 0 THEN recorded_area ELSE drawn END AS official
FROM (SELECT *, ST_Area(ST_Segmentize(geom, 0.0005)::geography) AS drawn FROM parcels) AS p;
CREATE UNIQUE INDEX ON plots (parcel_code);
CREATE INDEX ON plots USING gist (geom);
ANALYZE plots;

-- Zones and land use without the ground that comes first.
CREATE UNLOGGED TABLE grounds AS
SELECT z.zone_code, z.name, z.level, z.kind, CASE WHEN e.geom IS NULL THEN z.geom ELSE ST_CollectionExtract(ST_Difference(z.geom, e.geom), 3) END AS geom
FROM zones AS z, LATERAL (SELECT ST_Union(f.geom) AS geom FROM zones AS f
	WHERE f.zone_code COLLATE "C" < z.zone_code COLLATE "C" AND f.geom && z.geom AND ST_Relate(f.geom, z.geom, 'T********')) AS e;
CREATE INDEX ON grounds USING gist (geom);
ANALYZE grounds;

CREATE UNLOGGED TABLE uses AS
SELECT u.feature_id, u.code, u.standard, c.mix_class, c.mix_class_wide,
	CASE WHEN e.geom IS NULL THEN u.geom ELSE ST_CollectionExtract(ST_Difference(u.geom, e.geom), 3) END AS geom
FROM land_use AS u JOIN land_use_classes AS c USING (standard, code), LATERAL (SELECT ST_Union(f.geom) AS geom FROM land_use AS f
	WHERE f.feature_id COLLATE "C" < u.feature_id COLLATE "C" AND f.geom && u.geom AND ST_Relate(f.geom, u.geom, 'T********')) AS e;
CREATE INDEX ON uses USING gist (geom);
ANALYZE uses;

-- In which zone how much of a parcel lies: most lie wholly in one.
CREATE UNLOGGED TABLE shares AS
SELECT * FROM (
	SELECT p.parcel_code, z.zone_code, CASE WHEN ST_Covers(z.geom, p.geom) THEN 1
		ELSE ST_Area(ST_CollectionExtract(ST_Intersection(p.geom, z.geom), 3)::geography) / p.drawn END AS share, p.official
	FROM grounds AS z JOIN plots AS p ON ST_Intersects(z.geom, p.geom)) AS found
WHERE share >= 0.001 AND share * official >= 1;
CREATE INDEX ON shares (parcel_code);
ANALYZE shares;

CREATE UNLOGGED TABLE places AS
SELECT DISTINCT ON (parcel_code) parcel_code, zone_code, share FROM shares ORDER BY parcel_code, share DESC, zone_code COLLATE "C";
CREATE UNIQUE INDEX ON places (parcel_code);

-- Land-use pieces, and the mix of the zones.
CREATE UNLOGGED TABLE land_mix_pieces AS
SELECT *, ST_Area(geom::geography) AS m2 FROM (
	SELECT u.feature_id, z.zone_code, u.code, u.standard, u.mix_class, u.mix_class_wide,
		CASE WHEN ST_Covers(z.geom, u.geom) THEN u.geom ELSE ST_CollectionExtract(ST_Intersection(u.geom, z.geom), 3) END AS geom
	FROM grounds AS z JOIN uses AS u ON ST_Intersects(z.geom, u.geom)) AS found
WHERE NOT ST_IsEmpty(geom);

CREATE UNLOGGED TABLE land_mix AS
SELECT zone_code, name, kind, profile, industry * 3 / 2000 AS industry_mu, residence * 3 / 2000 AS residence_mu, public * 3 / 2000 AS public_mu,
	other * 3 / 2000 AS other_mu, nonconstruction * 3 / 2000 AS nonconstruction_mu,
	industry / nullif(three, 0) AS industry_share, residence / nullif(three, 0) AS residence_share, public / nullif(three, 0) AS public_share,
	CASE WHEN three = 0 THEN 'not_evaluated'
		WHEN round(greatest(abs(industry / three - 1 / 3.0), abs(residence / three - 1 / 3.0), abs(public / three - 1 / 3.0))::numeric, 9) <= 0.05 THEN 'pass'
		ELSE 'fail' END AS verdict, geom
FROM (SELECT *, industry + residence + public AS three FROM (
	SELECT z.zone_code, z.name, z.kind, profile, z.geom,
		coalesce(sum(m2) FILTER (WHERE class = 'industry'), 0) AS industry, coalesce(sum(m2) FILTER (WHERE class = 'residence'), 0) AS residence,
		coalesce(sum(m2) FILTER (WHERE class = 'public'), 0) AS public, coalesce(sum(m2) FILTER (WHERE class = 'other'), 0) AS other,
		coalesce(sum(m2) FILTER (WHERE class = 'nonconstruction'), 0) AS nonconstruction
	FROM grounds AS z CROSS JOIN (VALUES ('strict'), ('wide')) AS p (profile) LEFT JOIN land_mix_pieces AS l USING (zone_code)
	CROSS JOIN LATERAL (SELECT CASE profile WHEN 'strict' THEN l.mix_class ELSE l.mix_class_wide END AS class) AS c
	GROUP BY z.zone_code, z.name, z.kind, profile, z.geom) AS sums) AS mixed;

-- Idle land.
CREATE UNLOGGED TABLE states AS
SELECT p.*, pl.official, sh.zone_code AS in_zone, sh.share, idle_kind, idle_since, idle_from,
	CASE WHEN idle_kind IS NOT NULL THEN cause END AS cause,
	CASE WHEN idle_kind = 'not_started' AND cause = 'enterprise' THEN (deadline + interval '2 years')::date + 1 END AS take_back_from, at_risk_on, deadline
FROM parcels AS p JOIN plots AS pl USING (parcel_code) LEFT JOIN places AS sh USING (parcel_code)
LEFT JOIN land_use_classes AS c ON c.standard = p.land_use_standard AND c.code = p.land_use
CROSS JOIN LATERAL (SELECT date '2025-06-30' AS day, coalesce(p.delay_cause, 'enterprise') AS cause,
	coalesce(p.extended_start_on, p.agreed_start_on, (p.delivered_on + interval '1 year')::date, (p.signed_on + interval '1 year')::date) AS deadline,
	CASE WHEN p.started_on <= date '2025-06-30' THEN p.started_on END AS began,
	CASE WHEN p.suspended_on <= date '2025-06-30' THEN p.suspended_on END AS stopped,
	p.finished_on <= date '2025-06-30' AS done) AS d
CROSS JOIN LATERAL (SELECT CASE WHEN coalesce(done, false) OR coalesce(c.mix_class, '') = 'nonconstruction' THEN NULL
	WHEN began IS NULL AND deadline IS NOT NULL THEN 'not_started'
	WHEN stopped >= began AND (area_developed / nullif(area_to_develop, 0) < 1 / 3.0::float8 OR investment_made / nullif(investment_total, 0) < 0.25)
		THEN 'stalled' END AS kind) AS k
CROSS JOIN LATERAL (SELECT CASE kind WHEN 'not_started' THEN deadline WHEN 'stalled' THEN stopped END AS since) AS s
CROSS JOIN LATERAL (SELECT (since + interval '1 year')::date + 1 AS turned) AS t
CROSS JOIN LATERAL (SELECT CASE WHEN turned <= day THEN kind END AS idle_kind, CASE WHEN turned <= day THEN since END AS idle_since,
	CASE WHEN turned <= day THEN turned END AS idle_from, CASE WHEN turned > day AND turned <= day + 180 THEN turned END AS at_risk_on) AS i;
CREATE UNIQUE INDEX ON states (parcel_code);

CREATE UNLOGGED TABLE idle_land AS
SELECT parcel_code, in_zone AS zone_code, official * 3 / 2000 AS mu, idle_kind, idle_since, idle_from, date '2025-06-30' - idle_from AS idle_days,
	cause AS delay_cause, consequence, CASE consequence WHEN 'fee' THEN land_price / 5 END AS fee, take_back_from, holder, holder_name, geom
FROM states CROSS JOIN LATERAL (SELECT CASE WHEN idle_kind = 'stalled' OR cause <> 'enterprise' THEN 'negotiate'
	WHEN take_back_from <= date '2025-06-30' THEN 'take_back' ELSE 'fee' END AS consequence) AS c
WHERE idle_kind IS NOT NULL;

-- Land in use on 31 December: tenancies in force, and holders where nobody owns or occupies.
CREATE UNLOGGED TABLE lots AS
SELECT t.credit_code, t.parcel_code, t.kind, coalesce(t.area, CASE WHEN count(*) OVER (PARTITION BY t.parcel_code) = 1 THEN p.official END) AS area,
	coalesce(t."from" <= date '2024-12-31', true) AND coalesce(t."to" >= date '2024-12-31', true) AS in_force
FROM tenancies AS t JOIN plots AS p USING (parcel_code);
INSERT INTO lots
SELECT coalesce(p.holder, n.credit_code), p.parcel_code, 'owned', s.official, true
FROM parcels AS p JOIN plots AS s USING (parcel_code)
LEFT JOIN (SELECT name, min(credit_code) AS credit_code FROM enterprises GROUP BY name HAVING count(*) = 1) AS n ON p.holder IS NULL AND n.name = p.holder_name
WHERE coalesce(p.holder, n.credit_code) IS NOT NULL
AND NOT EXISTS (SELECT FROM lots AS l WHERE l.parcel_code = p.parcel_code AND l.in_force AND l.kind IN ('owned', 'occupied'));
DELETE FROM lots WHERE NOT in_force;

CREATE UNLOGGED TABLE spots AS
SELECT credit_code, parcel_code, sum(CASE kind WHEN 'leased_out' THEN -area ELSE area END) AS net FROM lots GROUP BY 1, 2;

CREATE UNLOGGED TABLE land AS
SELECT e.credit_code, e.name, coalesce(sum(area) FILTER (WHERE kind = 'owned'), 0) AS owned, coalesce(sum(area) FILTER (WHERE kind = 'occupied'), 0) AS occupied,
	coalesce(sum(area) FILTER (WHERE kind = 'leased_in'), 0) AS leased_in, coalesce(sum(area) FILTER (WHERE kind = 'leased_out'), 0) AS leased_out,
	coalesce(sum(CASE kind WHEN 'leased_out' THEN -area ELSE area END), 0) AS net
FROM enterprises AS e LEFT JOIN lots USING (credit_code) GROUP BY e.credit_code, e.name;
CREATE UNIQUE INDEX ON land (credit_code);
ANALYZE land;
ANALYZE spots;

-- Accounts and indicators.
CREATE UNLOGGED TABLE indicators AS
SELECT e.credit_code, e.name, e.above_scale, e.utility, e.registered_on, l.net, l.net * 3 / 2000 AS mu, t.tax, o.sales, o.output, o.value_added, o.rd, o.employees, n.tce, m.pollutants
FROM enterprises AS e JOIN land AS l USING (credit_code)
LEFT JOIN (SELECT credit_code, coalesce(tax, CASE WHEN num_nonnulls(vat, income, property, land_use, consumption, city_maintenance, education_surcharge, stamp,
		personal_income, resource, environment) > 0 THEN coalesce(vat, 0) + coalesce(income, 0) + coalesce(property, 0) + coalesce(land_use, 0) + coalesce(consumption, 0)
		+ coalesce(city_maintenance, 0) + coalesce(education_surcharge, 0) + coalesce(stamp, 0) + coalesce(personal_income, 0) + coalesce(resource, 0) + coalesce(environment, 0) END) AS tax
	FROM tax WHERE year = 2024) AS t USING (credit_code)
LEFT JOIN (SELECT * FROM output WHERE year = 2024) AS o USING (credit_code)
LEFT JOIN (SELECT credit_code, coalesce(energy, CASE WHEN num_nonnulls(electricity, coal, gas, heat, oil) > 0 THEN coalesce(electricity, 0) * 0.0001229
		+ coalesce(coal, 0) * 0.7143 + coalesce(gas, 0) * 0.00133 + coalesce(heat, 0) * 0.03412 + coalesce(oil, 0) * 1.4286 END) AS tce
	FROM energy WHERE year = 2024) AS n USING (credit_code)
LEFT JOIN (SELECT credit_code, CASE WHEN num_nonnulls(cod, nh3n, so2, nox) > 0 THEN coalesce(cod, 0) + coalesce(nh3n, 0) + coalesce(so2, 0) + coalesce(nox, 0) END AS pollutants
	FROM emissions WHERE year = 2024) AS m USING (credit_code);
CREATE UNIQUE INDEX ON indicators (credit_code);
ANALYZE indicators;

-- Grades: five items of weight 20, each against the ratio of the group's sums, capped at twice.
CREATE UNLOGGED TABLE items AS
SELECT *, CASE WHEN x IS NULL THEN 0 ELSE 20 * least(greatest(x / mark, 0), 2) END AS score
FROM (
	SELECT *, sum(over) FILTER (WHERE x IS NOT NULL) OVER w / sum(under) FILTER (WHERE x IS NOT NULL) OVER w AS mark
	FROM (
		SELECT credit_code, above_scale, place, over, under, CASE WHEN under > 0 THEN over / under END AS x
		FROM indicators CROSS JOIN LATERAL (VALUES (1, tax, mu), (2, sales, tce), (3, sales, pollutants), (4, rd, sales), (5, value_added, employees))
			AS v (place, over, under)
		WHERE net > 0 AND above_scale IS NOT NULL AND NOT coalesce(utility, false) AND NOT coalesce(registered_on > date '2022-12-31', false)) AS ratios
	WINDOW w AS (PARTITION BY above_scale, place)) AS marked;

CREATE UNLOGGED TABLE ranked AS
SELECT *, rank() OVER (PARTITION BY above_scale ORDER BY total DESC) AS rank, count(*) OVER (PARTITION BY above_scale) AS n
FROM (
	SELECT credit_code, above_scale, round((score + coalesce(bonus, 0))::numeric, 6) AS total, veto, floor, fixed, manual
	FROM (SELECT credit_code, above_scale, sum(score ORDER BY place) AS score FROM items GROUP BY 1, 2) AS s
	LEFT JOIN (
		SELECT credit_code, sum(CASE kind WHEN 'bonus' THEN value::float8 WHEN 'penalty' THEN -value::float8 END) AS bonus,
			max(value) FILTER (WHERE kind = 'veto') AS veto, min(value) FILTER (WHERE kind = 'floor') AS floor,
			(array_agg(value ORDER BY decided_on DESC, value DESC) FILTER (WHERE kind = 'fix'))[1] AS fixed,
			(array_agg(value ORDER BY decided_on DESC, value DESC) FILTER (WHERE kind = 'manual'))[1] AS manual
		FROM (SELECT *, CASE WHEN kind IN ('bonus', 'penalty') THEN value END AS points FROM adjustments WHERE year = 2024) AS a
		GROUP BY 1) AS d USING (credit_code)) AS totals;

CREATE UNLOGGED TABLE grades AS
SELECT i.credit_code, i.name, i.mu AS land_mu, r.total, r.rank, r.n, initial_grade,
	CASE WHEN i.utility OR i.registered_on > date '2022-12-31' THEN 'T'
		ELSE coalesce(manual, fixed, greatest(least(greatest(initial_grade, veto), floor), veto)) END AS final_grade
FROM indicators AS i LEFT JOIN ranked AS r USING (credit_code)
CROSS JOIN LATERAL (SELECT CASE WHEN rank <= floor(n * 0.20 + 1e-9) THEN 'A' WHEN rank <= floor(n * 0.60 + 1e-9) THEN 'B'
	WHEN rank <= floor(n * 0.95 + 1e-9) THEN 'C' WHEN rank IS NOT NULL THEN 'D' END AS initial_grade) AS g;
CREATE UNIQUE INDEX ON grades (credit_code);
ANALYZE grades;

-- What falls on parcels.
CREATE UNLOGGED TABLE occupants AS
SELECT s.parcel_code, s.credit_code, s.net, i.net > 0 AS landed, CASE WHEN i.net > 0 THEN s.net / sum(s.net) OVER (PARTITION BY s.credit_code) END AS part,
	i.tax, i.sales, i.output, g.final_grade, i.credit_code IS NULL AS stranger
FROM spots AS s LEFT JOIN indicators AS i USING (credit_code) LEFT JOIN grades AS g USING (credit_code)
WHERE s.net > 0;
CREATE INDEX ON occupants (parcel_code);
ANALYZE occupants;

CREATE UNLOGGED TABLE figures AS
SELECT parcel_code,
	CASE WHEN NOT bool_or(stranger) AND count(part) = count(tax * part) AND count(part) > 0 THEN sum(tax * part) END AS tax,
	CASE WHEN NOT bool_or(stranger) AND count(part) = count(sales * part) AND count(part) > 0 THEN sum(sales * part) END AS sales,
	CASE WHEN NOT bool_or(stranger) AND count(part) = count(output * part) AND count(part) > 0 THEN sum(output * part) END AS output,
	coalesce((array_agg(final_grade ORDER BY net DESC, final_grade DESC) FILTER (WHERE final_grade < 'T'))[1],
		CASE WHEN (array_agg(final_grade ORDER BY net DESC, final_grade))[1] = 'T' THEN 'T' END) AS grade
FROM occupants GROUP BY parcel_code;
CREATE UNIQUE INDEX ON figures (parcel_code);

CREATE UNLOGGED TABLE parcels_layer AS
SELECT s.parcel_code, s.in_zone AS zone_code, s.share AS zone_share, s.land_use, s.land_use_standard, c.mix_class, s.official AS official_area,
	p.drawn AS geometric_area, s.official * 3 / 2000 AS mu, s.holder, s.holder_name, f.grade, f.tax / (s.official * 3 / 2000) AS tax_per_mu,
	f.sales / (s.official * 3 / 2000) AS sales_per_mu, f.output / (s.official * 3 / 2000) AS output_per_mu,
	s.fixed_asset_investment / (s.official * 3 / 2000) AS investment_per_mu, s.floor_area / s.official AS plot_ratio,
	(s.footprint_area + coalesce(s.yard_area, 0)) / s.official AS building_coverage, s.idle_kind IS NOT NULL AS idle, s.idle_kind, s.at_risk_on, s.geom
FROM states AS s JOIN plots AS p USING (parcel_code) LEFT JOIN figures AS f USING (parcel_code)
LEFT JOIN land_use_classes AS c ON c.standard = s.land_use_standard AND c.code = s.land_use
ORDER BY s.parcel_code COLLATE "C";

-- Zones.
CREATE UNLOGGED TABLE zones_layer AS
SELECT z.zone_code, z.name, z.level, z.kind, coalesce(mu, 0) AS mu, coalesce(n, 0) AS parcels, mu_a, mu_b, mu_c, mu_d, tax_per_mu, sales_per_mu, coalesce(idle_mu, 0) AS idle_mu, z.geom
FROM zones AS z
LEFT JOIN (
	SELECT zone_code, sum(share * s.official) * 3 / 2000 AS mu,
		coalesce(sum(share * s.official) FILTER (WHERE grade = 'A'), 0) * 3 / 2000 AS mu_a, coalesce(sum(share * s.official) FILTER (WHERE grade = 'B'), 0) * 3 / 2000 AS mu_b,
		coalesce(sum(share * s.official) FILTER (WHERE grade = 'C'), 0) * 3 / 2000 AS mu_c, coalesce(sum(share * s.official) FILTER (WHERE grade = 'D'), 0) * 3 / 2000 AS mu_d,
		coalesce(sum(share * s.official) FILTER (WHERE idle_kind IS NOT NULL), 0) * 3 / 2000 AS idle_mu
	FROM shares AS s JOIN (SELECT parcel_code, idle_kind FROM states) AS st USING (parcel_code) LEFT JOIN figures USING (parcel_code) GROUP BY 1) AS a USING (zone_code)
LEFT JOIN (SELECT zone_code, count(*) AS n FROM places GROUP BY 1) AS b USING (zone_code)
LEFT JOIN (
	SELECT zone_code, sum(tax * part * share) / nullif(sum(net * share) FILTER (WHERE tax IS NOT NULL), 0) * 2000 / 3 AS tax_per_mu,
		sum(sales * part * share) / nullif(sum(net * share) FILTER (WHERE sales IS NOT NULL), 0) * 2000 / 3 AS sales_per_mu
	FROM shares JOIN occupants USING (parcel_code) WHERE landed GROUP BY 1) AS c USING (zone_code);

-- Heavy chemistry within 1 km of the named rivers.
CREATE UNLOGGED TABLE banks AS
SELECT feature_id, name, geom::geography AS bank FROM control_lines WHERE kind = 'river' AND name IN ('府河', '涢水', '府澴河', '漂水', '㵐水', '厥水', '氵厥水');
CREATE INDEX ON banks USING gist (bank);

CREATE UNLOGGED TABLE heavy AS
SELECT DISTINCT 'parcel' AS subject, o.parcel_code AS code, p.geom, coalesce(p.signed_on, p.delivered_on, p.agreed_start_on) AS on_day
FROM occupants AS o JOIN enterprises AS e USING (credit_code) JOIN parcels AS p USING (parcel_code) WHERE left(e.industry, 3) IN ('251', '252', '261', '262', '263', '264', '265', '266')
UNION ALL
SELECT 'project', project_code, ST_SetSRID(ST_Point(lon, lat), ST_SRID((SELECT geom FROM zones LIMIT 1))), coalesce(signed_on, registered_on)
FROM projects WHERE lon IS NOT NULL AND lat IS NOT NULL AND left(industry, 3) IN ('251', '252', '261', '262', '263', '264', '265', '266')
UNION ALL
SELECT 'enterprise', credit_code, ST_SetSRID(ST_Point(lon, lat), ST_SRID((SELECT geom FROM zones LIMIT 1))), coalesce(registered_on, production_on)
FROM enterprises AS e WHERE lon IS NOT NULL AND lat IS NOT NULL AND left(industry, 3) IN ('251', '252', '261', '262', '263', '264', '265', '266')
AND NOT EXISTS (SELECT FROM occupants AS o WHERE o.credit_code = e.credit_code);

CREATE UNLOGGED TABLE conflicts AS
SELECT DISTINCT ON (subject, code) subject, code, feature_id AS feature, ST_Distance(h.geom::geography, bank) AS distance_m,
	CASE WHEN on_day IS NULL THEN 'undated' WHEN on_day >= date '2018-02-07' THEN 'violation' ELSE 'existing' END AS verdict, h.geom
FROM heavy AS h JOIN banks AS b ON ST_DWithin(h.geom::geography, bank, 1001)
WHERE ST_Distance(h.geom::geography, bank) < 1000
ORDER BY subject, code, distance_m, feature_id COLLATE "C";
