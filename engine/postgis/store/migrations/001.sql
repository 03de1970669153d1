-- Runs, and the policies they were made under. The tables of results are made by the
-- first run that has them: see schema.go.
CREATE SEQUENCE muscope.run_number;

CREATE TABLE muscope.runs (
	run         bigint PRIMARY KEY,
	run_id      text NOT NULL UNIQUE,
	as_of       date NOT NULL,
	year        integer NOT NULL,
	period      text NOT NULL,
	policies    text[] NOT NULL,
	data        text NOT NULL,
	program     text NOT NULL,
	started_at  timestamptz NOT NULL,
	finished_at timestamptz NOT NULL,
	written_by  text NOT NULL DEFAULT session_user,
	manifest    jsonb NOT NULL
);
CREATE INDEX ON muscope.runs (finished_at, run);

CREATE TABLE muscope.policies (
	run_id text NOT NULL REFERENCES muscope.runs (run_id) ON DELETE CASCADE,
	id     text NOT NULL,
	yaml   text NOT NULL,
	PRIMARY KEY (run_id, id)
);

CREATE VIEW muscope.latest_run AS
SELECT * FROM muscope.runs ORDER BY finished_at DESC, run DESC LIMIT 1;

COMMENT ON SCHEMA muscope IS '用地评价结果 · results of land-use evaluations';
COMMENT ON TABLE muscope.runs IS '评价运行，每次一行 · runs, one row each';
COMMENT ON VIEW muscope.latest_run IS '最近完成的运行 · the run that finished last';
COMMENT ON TABLE muscope.policies IS '运行所依据的政策文件原文 · policies of the runs, as they were read';
COMMENT ON COLUMN muscope.runs.run IS '序号，表名以它结尾 · number, which ends the names of the run''s tables';
COMMENT ON COLUMN muscope.runs.run_id IS '运行标识 · run id: a hash of day, period, policies and data';
COMMENT ON COLUMN muscope.runs.as_of IS '基准日 · day the law is applied to';
COMMENT ON COLUMN muscope.runs.year IS '核算年度 · accounting year';
COMMENT ON COLUMN muscope.runs.period IS '期间 · period';
COMMENT ON COLUMN muscope.runs.policies IS '政策文件 · policies';
COMMENT ON COLUMN muscope.runs.data IS '数据来源 · data that was read';
COMMENT ON COLUMN muscope.runs.program IS '程序版本 · program and version';
COMMENT ON COLUMN muscope.runs.started_at IS '开始时间 · when writing began';
COMMENT ON COLUMN muscope.runs.finished_at IS '完成时间 · when the run was whole';
COMMENT ON COLUMN muscope.runs.written_by IS '写入用户 · user that wrote it';
COMMENT ON COLUMN muscope.runs.manifest IS '运行清单 · manifest';
COMMENT ON COLUMN muscope.policies.run_id IS '运行标识 · run id';
COMMENT ON COLUMN muscope.policies.id IS '政策文件 · policy';
COMMENT ON COLUMN muscope.policies.yaml IS '原文 · text';
COMMENT ON COLUMN muscope.latest_run.run IS '序号 · number';
COMMENT ON COLUMN muscope.latest_run.run_id IS '运行标识 · run id';
COMMENT ON COLUMN muscope.latest_run.as_of IS '基准日 · day the law is applied to';
COMMENT ON COLUMN muscope.latest_run.year IS '核算年度 · accounting year';
COMMENT ON COLUMN muscope.latest_run.period IS '期间 · period';
COMMENT ON COLUMN muscope.latest_run.policies IS '政策文件 · policies';
COMMENT ON COLUMN muscope.latest_run.data IS '数据来源 · data that was read';
COMMENT ON COLUMN muscope.latest_run.program IS '程序版本 · program and version';
COMMENT ON COLUMN muscope.latest_run.started_at IS '开始时间 · when writing began';
COMMENT ON COLUMN muscope.latest_run.finished_at IS '完成时间 · when the run was whole';
COMMENT ON COLUMN muscope.latest_run.written_by IS '写入用户 · user that wrote it';
COMMENT ON COLUMN muscope.latest_run.manifest IS '运行清单 · manifest';
