-- Enterprises graded by what they yield per mu, once more, in SQL. The tables raw and shares are every row of the layers
-- and in which zone how much of a parcel lies; in_TABLE the used rows of a table as typed values; officials the official
-- area of each used parcel.

-- The three schemes as data, written from the documents and not from the packs.
CREATE TEMP TABLE schemes (scheme text PRIMARY KEY, tce_per_kwh numeric, new_from_production boolean);
INSERT INTO schemes VALUES
	('lianyungang-2022', 0.0001229, false),
	('zhejiang-huangyan-2022', 0.0003, false),
	('jiangsu-huaian-2024', 0.0001229, true);

CREATE TEMP TABLE groups (scheme text, grp text, above_scale boolean, min_mu numeric, a float8, b float8, c float8);
INSERT INTO groups VALUES
	('lianyungang-2022', 'above_scale', true, 0, 0.20, 0.60, 0.95),
	('lianyungang-2022', 'below_scale', false, 0, 0.20, 0.60, 0.95),
	('zhejiang-huangyan-2022', 'above_scale', true, 0, 0.20, 0.80, 0.95),
	('zhejiang-huangyan-2022', 'below_scale', false, 0, 0.05, 0.75, 0.95),
	('jiangsu-huaian-2024', 'all', true, 0, 0.20, 0.60, 0.95),
	('jiangsu-huaian-2024', 'all', false, 3, 0.20, 0.60, 0.95);

-- bench: fixed (benchmark), or the ratio of sums of the year on (0 this, -1 last) times benchmark.
CREATE TEMP TABLE items (scheme text, grp text, place int, indicator text, weight float8, bench text, benchmark float8,
	cap float8, missing text);
INSERT INTO items
SELECT 'lianyungang-2022', grp, place, indicator, 20, 'this_year', 1, 2, 'zero'
FROM (VALUES ('above_scale'), ('below_scale')) AS g (grp),
	unnest(ARRAY['tax_per_mu', 'sales_per_tce', 'sales_per_pollutant', 'rd_intensity', 'labour_productivity'])
	WITH ORDINALITY AS i (indicator, place);
INSERT INTO items VALUES
	('zhejiang-huangyan-2022', 'above_scale', 1, 'tax_per_mu', 30, 'fixed', 24.097, NULL, 'zero'),
	('zhejiang-huangyan-2022', 'above_scale', 2, 'value_added_per_mu', 20, 'fixed', 136.16, NULL, 'zero'),
	('zhejiang-huangyan-2022', 'above_scale', 3, 'value_added_per_tce', 20, 'fixed', 2.694, NULL, 'zero'),
	('zhejiang-huangyan-2022', 'above_scale', 4, 'value_added_per_pollutant', 10, 'fixed', 4929.81, NULL, 'mean'),
	('zhejiang-huangyan-2022', 'above_scale', 5, 'labour_productivity', 10, 'fixed', 18.14, NULL, 'zero'),
	('zhejiang-huangyan-2022', 'above_scale', 6, 'rd_intensity', 10, 'fixed', 0.0302, NULL, 'zero'),
	('zhejiang-huangyan-2022', 'below_scale', 1, 'tax_per_mu', 50, 'fixed', 11.5932, NULL, 'zero'),
	('zhejiang-huangyan-2022', 'below_scale', 2, 'tax_per_kwh', 50, 'fixed', 0.2352, NULL, 'zero'),
	('jiangsu-huaian-2024', 'all', 1, 'tax_per_mu', 45, 'last_year', 2, NULL, 'zero'),
	('jiangsu-huaian-2024', 'all', 2, 'sales_per_mu', 35, 'last_year', 2, NULL, 'zero'),
	('jiangsu-huaian-2024', 'all', 3, 'tax_per_tce', 20, 'last_year', 2, NULL, 'zero');

CREATE TEMP TABLE years (year int, last_day date);
INSERT INTO years VALUES (2024, '2024-12-31'), (2023, '2023-12-31');

-- Names are compared in one width, without blanks, with one spelling of the brackets and of the company's form.
CREATE FUNCTION pg_temp.plain_name(name text) RETURNS text LANGUAGE sql AS $$
SELECT replace(regexp_replace(translate(normalize(name, NFKC), '【】〔〕［］[]', '()()()()'), '\s', '', 'g'),
	'有限责任公司', '有限公司') $$;

-- An enterprise is found by its code, else by its name when only one has it.
CREATE TEMP TABLE named AS
SELECT pg_temp.plain_name(name) AS name, min(credit_code) AS credit_code
FROM in_enterprises GROUP BY 1 HAVING count(*) = 1;
CREATE INDEX ON named (name);
CREATE INDEX ON in_enterprises (credit_code);

CREATE FUNCTION pg_temp.who(code text, name text) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN code IS NULL THEN (SELECT n.credit_code FROM named AS n WHERE n.name = pg_temp.plain_name($2))
	ELSE (SELECT e.credit_code FROM in_enterprises AS e WHERE e.credit_code = code) END $$;

-- Whoever has land and is no enterprise of the register is a stranger.
CREATE FUNCTION pg_temp.anyone(code text, name text) RETURNS text LANGUAGE sql AS $$
SELECT coalesce(pg_temp.who(code, name), '?' || coalesce(code, pg_temp.plain_name(name))) $$;

-- Land. A tenancy without an area is the whole parcel when it is the parcel's only one; one of a parcel that no row
-- has, and one whose area nobody knows, do not count.
CREATE TEMP TABLE leases AS
SELECT pg_temp.anyone(t.credit_code, t.name) AS credit_code, t.parcel_code, t.kind, t."from", t."to",
	coalesce(t.area, CASE WHEN count(*) OVER (PARTITION BY t.parcel_code) = 1 THEN o.official END) AS area
FROM in_tenancies AS t LEFT JOIN officials AS o USING (parcel_code)
WHERE t.parcel_code IN (SELECT pg_temp.cell(p, 'parcel_code') FROM raw WHERE layer = 'parcels');

CREATE TEMP TABLE lots AS
SELECT y.year, l.credit_code, l.parcel_code, l.kind, l.area
FROM years AS y JOIN leases AS l
	ON coalesce(l."from" <= y.last_day, true) AND coalesce(l."to" >= y.last_day, true)
WHERE l.area IS NOT NULL;

-- What nobody owns or occupies is its holder's.
INSERT INTO lots
SELECT y.year, pg_temp.anyone(p.holder, p.holder_name), p.parcel_code, 'owned', o.official
FROM years AS y CROSS JOIN in_parcels AS p JOIN officials AS o USING (parcel_code)
WHERE NOT EXISTS (SELECT FROM lots AS l
	WHERE l.year = y.year AND l.parcel_code = p.parcel_code AND l.kind IN ('owned', 'occupied'));

DELETE FROM lots WHERE credit_code IS NULL;

-- What an enterprise has on a parcel, and altogether.
CREATE TEMP TABLE spots AS
SELECT year, credit_code, parcel_code, sum(CASE kind WHEN 'leased_out' THEN -area ELSE area END) AS net
FROM lots GROUP BY 1, 2, 3;

CREATE TEMP TABLE land AS
SELECT y.year, e.credit_code,
	coalesce(sum(l.area) FILTER (WHERE l.kind = 'owned'), 0) AS owned,
	coalesce(sum(l.area) FILTER (WHERE l.kind = 'occupied'), 0) AS occupied,
	coalesce(sum(l.area) FILTER (WHERE l.kind = 'leased_in'), 0) AS leased_in,
	coalesce(sum(l.area) FILTER (WHERE l.kind = 'leased_out'), 0) AS leased_out
FROM years AS y CROSS JOIN in_enterprises AS e LEFT JOIN lots AS l USING (year, credit_code)
GROUP BY 1, 2;
ALTER TABLE land ADD net numeric;
UPDATE land SET net = owned + occupied + leased_in - leased_out;

-- Accounts. A row without a code is of the one enterprise of its name that has no row of its own that year.
DO $$
DECLARE book text;
BEGIN
	FOREACH book IN ARRAY ARRAY['in_tax', 'in_output', 'in_energy', 'in_emissions'] LOOP
		EXECUTE format('UPDATE %1$s AS b SET credit_code = (SELECT min(e.credit_code) FROM in_enterprises AS e
			WHERE pg_temp.plain_name(e.name) = pg_temp.plain_name(b.name) AND NOT EXISTS (
				SELECT FROM %1$s AS o WHERE o.year = b.year AND o.credit_code = e.credit_code)
			HAVING count(*) = 1) WHERE credit_code IS NULL', book);
	END LOOP;
END $$;

-- Of a sum, parts that are empty count as nothing when any part is given.
CREATE TEMP TABLE accounts AS
SELECT y.year, e.credit_code, l.net * 3 / 2000 AS mu, t.tax, o.sales, o.output, o.value_added, o.rd, o.employees,
	n.energy, n.electricity, n.other_energy, n.water, m.pollutants
FROM years AS y CROSS JOIN in_enterprises AS e JOIN land AS l USING (year, credit_code)
LEFT JOIN (
	SELECT year, credit_code, coalesce(tax,
		CASE WHEN num_nonnulls(vat, income, property, land_use, consumption, city_maintenance, education_surcharge,
			stamp, personal_income, resource, environment) > 0
		THEN coalesce(vat, 0) + coalesce(income, 0) + coalesce(property, 0) + coalesce(land_use, 0)
			+ coalesce(consumption, 0) + coalesce(city_maintenance, 0) + coalesce(education_surcharge, 0)
			+ coalesce(stamp, 0) + coalesce(personal_income, 0) + coalesce(resource, 0) + coalesce(environment, 0)
		END) AS tax
	FROM in_tax) AS t USING (year, credit_code)
LEFT JOIN in_output AS o USING (year, credit_code)
LEFT JOIN (
	SELECT year, credit_code, energy, electricity, water,
		CASE WHEN num_nonnulls(coal, gas, heat, oil) > 0 THEN coalesce(coal, 0) * 0.7143 + coalesce(gas, 0) * 0.00133
			+ coalesce(heat, 0) * 0.03412 + coalesce(oil, 0) * 1.4286 END AS other_energy
	FROM in_energy) AS n USING (year, credit_code)
LEFT JOIN (
	SELECT year, credit_code, CASE WHEN num_nonnulls(cod, nh3n, so2, nox) > 0
		THEN coalesce(cod, 0) + coalesce(nh3n, 0) + coalesce(so2, 0) + coalesce(nox, 0) END AS pollutants
	FROM in_emissions) AS m USING (year, credit_code);

CREATE TEMP TABLE ratios AS
SELECT scheme, year, credit_code, a.mu, indicator, over, under,
	CASE WHEN under > 0 THEN over / under END AS x
FROM schemes AS s CROSS JOIN accounts AS a
CROSS JOIN LATERAL (SELECT coalesce(a.energy, CASE WHEN num_nonnulls(a.electricity, a.other_energy) > 0
	THEN coalesce(a.electricity, 0) * s.tce_per_kwh + coalesce(a.other_energy, 0) END) AS tce) AS e
CROSS JOIN LATERAL (VALUES
	('tax_per_mu', a.tax, a.mu), ('sales_per_mu', a.sales, a.mu), ('output_per_mu', a.output, a.mu),
	('value_added_per_mu', a.value_added, a.mu),
	('sales_per_tce', a.sales, e.tce), ('value_added_per_tce', a.value_added, e.tce), ('tax_per_tce', a.tax, e.tce),
	('tax_per_kwh', a.tax * 10000, a.electricity),
	('sales_per_pollutant', a.sales, a.pollutants), ('value_added_per_pollutant', a.value_added, a.pollutants),
	('rd_intensity', a.rd, a.sales), ('labour_productivity', a.value_added, a.employees),
	('energy_per_value_added', e.tce, a.value_added), ('water_per_value_added', a.water, a.value_added)) AS i (indicator, over, under);

-- Who is graded, and in which group: those that are neither exempt nor without land nor in no group.
CREATE TEMP TABLE standing AS
SELECT scheme, credit_code, exempt, net, grp,
	CASE WHEN exempt THEN 'T' WHEN net <= 0 THEN 'land_not_positive' WHEN grp IS NULL THEN 'no_group' END AS out_for
FROM (
	SELECT s.scheme, e.credit_code, l.net,
		coalesce(e.utility, false) OR coalesce(
			CASE WHEN s.new_from_production THEN coalesce(e.production_on, e.registered_on) ELSE e.registered_on END
			> '2022-12-31', false) AS exempt,
		(SELECT min(grp) FROM groups AS g WHERE g.scheme = s.scheme AND g.above_scale = e.above_scale
			AND l.net * 3 / 2000 >= g.min_mu) AS grp
	FROM schemes AS s CROSS JOIN in_enterprises AS e JOIN land AS l ON l.credit_code = e.credit_code AND l.year = 2024
) AS known;

-- A group of fewer than 5 is pooled with the other small ones that are scored and cut alike.
CREATE TEMP TABLE sizes AS
SELECT g.scheme, g.grp, a, b, c, n, (SELECT string_agg(concat_ws(' ', indicator, weight, bench, benchmark, cap, missing),
	';' ORDER BY place) FROM items AS i WHERE i.scheme = g.scheme AND i.grp = g.grp) AS alike
FROM (SELECT DISTINCT scheme, grp, a, b, c FROM groups) AS g
JOIN (SELECT scheme, grp, count(*) AS n FROM standing WHERE out_for IS NULL GROUP BY 1, 2) AS m USING (scheme, grp);

CREATE TEMP TABLE pools AS
SELECT scheme, grp, a, b, c,
	CASE WHEN n >= 5 THEN grp ELSE string_agg(grp, '+') OVER small END AS pool,
	CASE WHEN n >= 5 THEN n ELSE sum(n) OVER small END AS n
FROM sizes
WINDOW small AS (PARTITION BY scheme, n < 5, alike, a, b, c ORDER BY grp
	ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

CREATE TEMP TABLE members AS
SELECT s.scheme, s.credit_code, s.grp, p.pool, p.a, p.b, p.c
FROM standing AS s JOIN pools AS p USING (scheme, grp)
WHERE s.out_for IS NULL AND p.n >= 5;

-- Benchmarks: last year's are of those with the figure and with land last year.
CREATE TEMP TABLE benchmarks AS
SELECT scheme, pool, place, indicator, CASE WHEN count(r.x) FILTER (WHERE r.year = 2024) > 0 THEN
	CASE bench WHEN 'fixed' THEN benchmark
		WHEN 'this_year' THEN benchmark * (sum(r.over) FILTER (WHERE r.year = 2024 AND r.x IS NOT NULL)
			/ nullif(sum(r.under) FILTER (WHERE r.year = 2024 AND r.x IS NOT NULL), 0))::float8
		ELSE benchmark * (sum(r.over) FILTER (WHERE r.year = 2023 AND r.x IS NOT NULL AND r.mu > 0)
			/ nullif(sum(r.under) FILTER (WHERE r.year = 2023 AND r.x IS NOT NULL AND r.mu > 0), 0))::float8 END END AS mark
FROM members AS m JOIN items AS i USING (scheme, grp) JOIN ratios AS r USING (scheme, credit_code, indicator)
GROUP BY scheme, pool, place, indicator, bench, benchmark;

ANALYZE members; ANALYZE ratios; ANALYZE benchmarks; ANALYZE items; ANALYZE land; ANALYZE spots; ANALYZE accounts;

-- Scores. A missing figure is 0 or the mean score of the members that have it.
CREATE TEMP TABLE scores AS
SELECT *, coalesce(scored, CASE missing WHEN 'mean'
	THEN avg(scored) OVER (PARTITION BY scheme, pool, indicator) ELSE 0 END) AS score
FROM (
	SELECT m.*, i.place, i.indicator, i.missing, r.x, i.cap, b.mark,
		CASE WHEN r.x IS NOT NULL THEN i.weight * least(greatest(r.x::float8 / b.mark, 0), i.cap) END AS scored
	FROM members AS m JOIN items AS i USING (scheme, grp)
	JOIN benchmarks AS b USING (scheme, pool, indicator)
	JOIN ratios AS r USING (scheme, credit_code, indicator)
	WHERE r.year = 2024 AND NOT EXISTS (SELECT FROM benchmarks AS n
		WHERE n.scheme = m.scheme AND n.pool = m.pool AND NOT coalesce(n.mark > 0, false))) AS items;

CREATE TEMP TABLE decisions AS
SELECT pg_temp.who(credit_code, name) AS credit_code, kind, value, decided_on FROM in_adjustments WHERE year = 2024;

CREATE TEMP TABLE totals AS
SELECT *, sign(raw_total) * floor(abs(raw_total) * 1e6 + 0.5) / 1e6 AS total
FROM (
	SELECT s.scheme, s.credit_code, s.pool, s.a, s.b, s.c, bonus,
		sum(score ORDER BY place) + bonus AS raw_total
	FROM scores AS s CROSS JOIN LATERAL (
		SELECT coalesce(sum(CASE kind WHEN 'bonus' THEN value::float8 ELSE -value::float8 END), 0) AS bonus
		FROM decisions AS d WHERE d.credit_code = s.credit_code AND kind IN ('bonus', 'penalty')) AS d
	GROUP BY s.scheme, s.credit_code, s.pool, s.a, s.b, s.c, bonus) AS sums;

CREATE TEMP TABLE ranked AS
SELECT *, CASE WHEN rank <= floor(n * a + 1e-9) THEN 'A' WHEN rank <= floor(n * b + 1e-9) THEN 'B'
	WHEN rank <= floor(n * c + 1e-9) THEN 'C' ELSE 'D' END AS initial
FROM (SELECT *, rank() OVER ranks AS rank, count(*) OVER (PARTITION BY scheme, pool) AS n
	FROM totals WINDOW ranks AS (PARTITION BY scheme, pool ORDER BY total DESC)) AS ranks;

-- A later letter is a worse grade. A floor lifts, but not above a veto; a fixed grade replaces both; a manual decision
-- is the last.
CREATE TEMP TABLE graded AS
SELECT r.*, coalesce(manual, fixed, greatest(least(greatest(initial, veto), floor), veto)) AS final,
	num_nonnulls(manual, fixed, veto, floor) AS decided
FROM ranked AS r CROSS JOIN LATERAL (
	SELECT max(value) FILTER (WHERE kind = 'veto') AS veto, min(value) FILTER (WHERE kind = 'floor') AS floor,
		(array_agg(value ORDER BY decided_on DESC) FILTER (WHERE kind = 'fix'))[1] AS fixed,
		(array_agg(value ORDER BY decided_on DESC) FILTER (WHERE kind = 'manual'))[1] AS manual
	FROM decisions AS d WHERE d.credit_code = r.credit_code) AS d;

CREATE TEMP TABLE finals AS
SELECT s.scheme, s.credit_code, s.net, s.out_for, coalesce(g.pool, s.grp) AS pool, g.bonus, g.total, g.rank, g.n, g.initial,
	CASE WHEN s.out_for = 'T' THEN 'T' ELSE g.final END AS final,
	coalesce(s.out_for, CASE WHEN g.credit_code IS NULL THEN
		CASE WHEN m.credit_code IS NULL THEN 'group_too_small' ELSE 'benchmark_missing' END END) AS why
FROM standing AS s LEFT JOIN members AS m USING (scheme, credit_code) LEFT JOIN graded AS g USING (scheme, credit_code);

-- Parcels: who has land on them, and what falls on them of each one's figures. Figures of those who have no land
-- altogether fall nowhere. A parcel on which a stranger is has no figures: nobody knows his.
CREATE TEMP TABLE occupants AS
SELECT s.credit_code, s.parcel_code, s.net, l.net > 0 AS landed,
	CASE WHEN l.net > 0 THEN s.net / sum(s.net) OVER (PARTITION BY s.credit_code) END AS part,
	a.tax, a.sales, a.output
FROM spots AS s JOIN land AS l USING (year, credit_code) JOIN accounts AS a USING (year, credit_code)
WHERE s.year = 2024 AND s.net > 0;

CREATE TEMP TABLE parcel_figures AS
SELECT parcel_code, name, sum(value * part) / min(official) * 2000 / 3 AS per_mu
FROM occupants AS o JOIN officials USING (parcel_code)
CROSS JOIN LATERAL (VALUES ('tax_per_mu', tax), ('sales_per_mu', sales), ('output_per_mu', output)) AS c (name, value)
WHERE landed AND NOT EXISTS (SELECT FROM spots AS s
	WHERE s.parcel_code = o.parcel_code AND s.year = 2024 AND s.net > 0 AND s.credit_code LIKE '?%')
GROUP BY 1, 2 HAVING count(*) = count(value * part);

CREATE TEMP TABLE parcel_grades AS
SELECT scheme, parcel_code, coalesce(
	(array_agg(final ORDER BY net DESC, final DESC) FILTER (WHERE final < 'T'))[1],
	CASE WHEN (array_agg(final ORDER BY net DESC, final))[1] = 'T' THEN 'T' END) AS grade
FROM occupants AS o JOIN (SELECT scheme, credit_code, final FROM finals) AS f USING (credit_code) JOIN officials USING (parcel_code)
GROUP BY 1, 2;

CREATE TEMP TABLE parcel_shares AS
SELECT scheme, parcel_code, string_agg(final || ' ' || to_char(round(part, 4), 'FM0.0000'), ';' ORDER BY final) AS grades
FROM (
	SELECT scheme, parcel_code, final, sum(o.net) / sum(sum(o.net)) OVER (PARTITION BY scheme, parcel_code) AS part
	FROM occupants AS o JOIN finals USING (credit_code) JOIN officials USING (parcel_code)
	GROUP BY 1, 2, 3) AS parts
WHERE final IS NOT NULL GROUP BY 1, 2;

-- Zones: parcels that a border cuts count by share.
CREATE TEMP TABLE zone_grades AS
SELECT scheme, zone, grade, sum(o.official::float8 * share) * 3 / 2000 AS mu
FROM shares JOIN parcel_grades ON parcel_code = parcel JOIN officials AS o USING (parcel_code) GROUP BY 1, 2, 3;

CREATE TEMP TABLE zone_figures AS
SELECT zone,
	sum(tax::float8 * part * share) FILTER (WHERE tax IS NOT NULL)
		/ sum(net * share) FILTER (WHERE tax IS NOT NULL) * 2000 / 3 AS tax_per_mu,
	sum(sales::float8 * part * share) FILTER (WHERE sales IS NOT NULL)
		/ sum(net * share) FILTER (WHERE sales IS NOT NULL) * 2000 / 3 AS sales_per_mu
FROM shares JOIN occupants ON parcel_code = parcel WHERE landed GROUP BY zone;
