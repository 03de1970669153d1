-- What the schedule remembers: what falls due, and what became of it.
CREATE TABLE muscope.occurrences (
	schedule   text NOT NULL,
	job        text NOT NULL,
	due        timestamptz NOT NULL,
	target     text NOT NULL DEFAULT '',
	cause      text NOT NULL,
	period     text NOT NULL,
	as_of      date NOT NULL,
	state      text NOT NULL CHECK (state IN ('planned', 'running', 'done', 'failed', 'skipped')),
	attempt    integer NOT NULL DEFAULT 0,
	not_before timestamptz,
	worker     text NOT NULL DEFAULT '',
	token      text NOT NULL DEFAULT '',
	lease      timestamptz,
	started_at timestamptz,
	ended_at   timestamptz,
	run_id     text NOT NULL DEFAULT '',
	place      text NOT NULL DEFAULT '',
	inputs     text NOT NULL DEFAULT '',
	policies   text NOT NULL DEFAULT '',
	counts     jsonb,
	removed    boolean NOT NULL DEFAULT false,
	reason     text NOT NULL DEFAULT '',
	PRIMARY KEY (schedule, job, due, target)
);
CREATE INDEX ON muscope.occurrences (schedule, due) WHERE state IN ('planned', 'running');

COMMENT ON TABLE muscope.occurrences IS '计划评价台账，每个到期任务一行 · occurrences of the schedule, one row each';
COMMENT ON COLUMN muscope.occurrences.schedule IS '计划名称 · name of the schedule';
COMMENT ON COLUMN muscope.occurrences.job IS '任务 · job';
COMMENT ON COLUMN muscope.occurrences.due IS '到期时刻 · instant at which it is due';
COMMENT ON COLUMN muscope.occurrences.target IS '结果送达对象，空为评价本身 · what hands the result on; empty: the evaluation itself';
COMMENT ON COLUMN muscope.occurrences.cause IS '起因 · schedule, data, manual, backfill or first';
COMMENT ON COLUMN muscope.occurrences.period IS '期间 · period';
COMMENT ON COLUMN muscope.occurrences.as_of IS '基准日 · day the law is applied to';
COMMENT ON COLUMN muscope.occurrences.state IS '状态 · planned, running, done, failed or skipped';
COMMENT ON COLUMN muscope.occurrences.attempt IS '尝试次数 · tries begun';
COMMENT ON COLUMN muscope.occurrences.not_before IS '最早重试时刻 · no try before it';
COMMENT ON COLUMN muscope.occurrences.worker IS '执行者 · who has it, or had it last';
COMMENT ON COLUMN muscope.occurrences.token IS '领取标识 · of its last claim';
COMMENT ON COLUMN muscope.occurrences.lease IS '领取有效期 · until when the claim holds unless it is renewed';
COMMENT ON COLUMN muscope.occurrences.started_at IS '开始时间 · when the last try began';
COMMENT ON COLUMN muscope.occurrences.ended_at IS '结束时间 · when it ended';
COMMENT ON COLUMN muscope.occurrences.run_id IS '运行标识 · run id of the result';
COMMENT ON COLUMN muscope.occurrences.place IS '结果位置 · where the result is';
COMMENT ON COLUMN muscope.occurrences.inputs IS '数据指纹 · fingerprint of the source';
COMMENT ON COLUMN muscope.occurrences.policies IS '政策摘要 · digest of the policies';
COMMENT ON COLUMN muscope.occurrences.counts IS '结论计数 · counts of verdicts';
COMMENT ON COLUMN muscope.occurrences.removed IS '已按保留期清除 · its result was removed by retention';
COMMENT ON COLUMN muscope.occurrences.reason IS '原因 · why it failed, is skipped or must be tried again';
