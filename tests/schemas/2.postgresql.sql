CREATE TABLE api_key (
    digest character varying NOT NULL,
    key character varying NOT NULL,
    world_id character varying NOT NULL,
    team_ordinal integer NOT NULL
);
CREATE TABLE change_csv (
    id bigint NOT NULL,
    text text NOT NULL
);
CREATE TABLE change_json (
    id bigint NOT NULL,
    text text NOT NULL
);
CREATE TABLE changes (
    id bigint NOT NULL,
    team_id integer NOT NULL,
    member_id bigint NOT NULL,
    member_position integer NOT NULL,
    created_at bigint NOT NULL,
    change_id bigint NOT NULL,
    source character varying NOT NULL,
    model character varying,
    total_lines_added integer NOT NULL,
    total_lines_deleted integer NOT NULL,
    metadata character varying NOT NULL
);
CREATE TABLE commit_csv (
    id bigint NOT NULL,
    text text NOT NULL
);
CREATE TABLE commit_json (
    id bigint NOT NULL,
    text text NOT NULL
);
CREATE TABLE commits (
    id bigint NOT NULL,
    team_id integer NOT NULL,
    member_id bigint NOT NULL,
    member_position integer NOT NULL,
    created_at bigint NOT NULL,
    commit_ts bigint,
    commit_hash character varying NOT NULL,
    commit_source character varying NOT NULL,
    repository_id bigint,
    branch_name character varying,
    is_primary_branch boolean,
    total_lines_added integer NOT NULL,
    total_lines_deleted integer NOT NULL,
    tab_lines_added integer NOT NULL,
    tab_lines_deleted integer NOT NULL,
    composer_lines_added integer NOT NULL,
    composer_lines_deleted integer NOT NULL,
    non_ai_lines_added integer,
    non_ai_lines_deleted integer,
    message character varying
);
CREATE TABLE conversation (
    id bigint NOT NULL,
    team_id integer NOT NULL,
    conversation_id character varying NOT NULL,
    title character varying NOT NULL,
    tldr character varying NOT NULL,
    overview character varying NOT NULL,
    bullets character varying NOT NULL
);
CREATE TABLE dataset (
    id integer NOT NULL,
    scenario character varying NOT NULL,
    scenario_digest character varying NOT NULL,
    seed bigint NOT NULL,
    anchor bigint NOT NULL,
    commits integer,
    changes integer,
    digest character varying NOT NULL,
    is_template boolean NOT NULL,
    used_at bigint NOT NULL
);
CREATE SEQUENCE dataset_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE dataset_id_seq OWNED BY dataset.id;
CREATE TABLE fault (
    world_id character varying NOT NULL,
    number integer NOT NULL,
    fault character varying NOT NULL,
    seen integer NOT NULL,
    hits integer NOT NULL
);
CREATE TABLE journal (
    world_id character varying NOT NULL,
    number bigint NOT NULL,
    team character varying,
    endpoint character varying,
    status integer NOT NULL,
    has_fault boolean NOT NULL,
    entry text NOT NULL
);
CREATE TABLE line_annotation (
    id bigint NOT NULL,
    team_id integer NOT NULL,
    commit_hash character varying NOT NULL,
    file_path character varying NOT NULL,
    conversation_id character varying,
    model character varying,
    operation_type character varying NOT NULL,
    first_line integer NOT NULL,
    last_line integer NOT NULL
);
CREATE TABLE member (
    id bigint NOT NULL,
    team_id integer NOT NULL,
    user_id character varying NOT NULL,
    numeric_id bigint NOT NULL,
    email character varying NOT NULL,
    email_key character varying NOT NULL,
    name character varying NOT NULL,
    role character varying NOT NULL,
    is_removed boolean NOT NULL,
    privacy_mode boolean NOT NULL
);
CREATE TABLE rate_window (
    key character varying NOT NULL,
    world_id character varying NOT NULL,
    ends_at bigint NOT NULL,
    wall_ends_at bigint NOT NULL,
    hits integer NOT NULL
);
CREATE TABLE repository (
    id bigint NOT NULL,
    team_id integer NOT NULL,
    name character varying NOT NULL,
    primary_branch character varying NOT NULL
);
CREATE TABLE snapshot (
    world_id character varying NOT NULL,
    name character varying NOT NULL,
    dataset_id integer NOT NULL,
    state character varying NOT NULL,
    made_at bigint NOT NULL
);
CREATE TABLE store_info (
    schema_version integer NOT NULL
);
CREATE SEQUENCE store_info_schema_version_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE store_info_schema_version_seq OWNED BY store_info.schema_version;
CREATE TABLE team (
    id integer NOT NULL,
    dataset_id integer NOT NULL,
    ordinal integer NOT NULL,
    name character varying NOT NULL,
    plan character varying NOT NULL,
    has_detail boolean NOT NULL
);
CREATE SEQUENCE team_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE team_id_seq OWNED BY team.id;
CREATE TABLE world (
    id character varying NOT NULL,
    dataset_id integer NOT NULL,
    origin_id integer NOT NULL,
    revision character varying NOT NULL,
    behavior character varying NOT NULL,
    settings character varying NOT NULL,
    frozen_at bigint,
    offset_ms bigint NOT NULL,
    created_as character varying NOT NULL,
    is_sandbox boolean NOT NULL,
    last_request bigint NOT NULL,
    last_fault integer NOT NULL,
    used_at bigint NOT NULL
);
ALTER TABLE ONLY dataset ALTER COLUMN id SET DEFAULT nextval('dataset_id_seq'::regclass);
ALTER TABLE ONLY store_info ALTER COLUMN schema_version SET DEFAULT nextval('store_info_schema_version_seq'::regclass);
ALTER TABLE ONLY team ALTER COLUMN id SET DEFAULT nextval('team_id_seq'::regclass);
INSERT INTO api_key VALUES ('62af8704764faf8ea82fc61ce9c4c3908b6cb97d463a634e9e587d7c885db0ef', 'test-key', 'default', 0);
INSERT INTO change_csv VALUES (4294967296, '1001,user_00000000000000000000000ada,ada@duo.example,TAB,,50,10,2026-06-27T09:00:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":50,""linesDeleted"":10}]"
');
INSERT INTO change_csv VALUES (4294967297, '1002,user_00000000000000000000000ada,ada@duo.example,COMPOSER,gpt-5,40,5,2026-06-27T09:30:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":30,""linesDeleted"":5},{""fileName"":""src/tax.ts"",""fileExtension"":""ts"",""linesAdded"":10,""linesDeleted"":0}]"
');
INSERT INTO change_csv VALUES (4294967298, '1003,user_000000000000000000000000bo,bo@duo.example,COMPOSER,,20,4,2026-06-28T08:00:00.000Z,"[{""fileName"":""src/tax.ts"",""fileExtension"":""ts"",""linesAdded"":20,""linesDeleted"":4}]"
');
INSERT INTO change_csv VALUES (4294967299, '1004,user_00000000000000000000000ada,ada@duo.example,TAB,,6,2,2026-06-29T09:00:00.000Z,"[{""fileName"":""Makefile"",""fileExtension"":"""",""linesAdded"":6,""linesDeleted"":2}]"
');
INSERT INTO change_csv VALUES (4294967300, '1005,user_000000000000000000000000bo,bo@duo.example,TAB,,4,1,2026-06-29T12:00:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":4,""linesDeleted"":1}]"
');
INSERT INTO change_csv VALUES (4294967301, '1006,user_000000000000000000000000bo,bo@duo.example,COMPOSER,gpt-5,16,5,2026-06-29T12:30:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":11,""linesDeleted"":0},{""fileName"":""README.md"",""fileExtension"":""md"",""linesAdded"":5,""linesDeleted"":5}]"
');
INSERT INTO change_csv VALUES (8589934592, '1001,user_00000000000000000000000ada,ada@duo.example,TAB,,50,10,2026-06-27T09:00:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":50,""linesDeleted"":10}]"
');
INSERT INTO change_csv VALUES (8589934593, '1002,user_00000000000000000000000ada,ada@duo.example,COMPOSER,gpt-5,40,5,2026-06-27T09:30:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":30,""linesDeleted"":5},{""fileName"":""src/tax.ts"",""fileExtension"":""ts"",""linesAdded"":10,""linesDeleted"":0}]"
');
INSERT INTO change_csv VALUES (8589934594, '1003,user_000000000000000000000000bo,bo@duo.example,COMPOSER,,20,4,2026-06-28T08:00:00.000Z,"[{""fileName"":""src/tax.ts"",""fileExtension"":""ts"",""linesAdded"":20,""linesDeleted"":4}]"
');
INSERT INTO change_csv VALUES (8589934595, '1004,user_00000000000000000000000ada,ada@duo.example,TAB,,6,2,2026-06-29T09:00:00.000Z,"[{""fileName"":""Makefile"",""fileExtension"":"""",""linesAdded"":6,""linesDeleted"":2}]"
');
INSERT INTO change_csv VALUES (8589934596, '1005,user_000000000000000000000000bo,bo@duo.example,TAB,,4,1,2026-06-29T12:00:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":4,""linesDeleted"":1}]"
');
INSERT INTO change_csv VALUES (8589934597, '1006,user_000000000000000000000000bo,bo@duo.example,COMPOSER,gpt-5,16,5,2026-06-29T12:30:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":11,""linesDeleted"":0},{""fileName"":""README.md"",""fileExtension"":""md"",""linesAdded"":5,""linesDeleted"":5}]"
');
INSERT INTO change_json VALUES (4294967296, '{"changeId":"1001","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"TAB","model":null,"totalLinesAdded":50,"totalLinesDeleted":10,"createdAt":"2026-06-27T09:00:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":50,"linesDeleted":10}]}');
INSERT INTO change_json VALUES (4294967297, '{"changeId":"1002","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"COMPOSER","model":"gpt-5","totalLinesAdded":40,"totalLinesDeleted":5,"createdAt":"2026-06-27T09:30:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":30,"linesDeleted":5},{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":10,"linesDeleted":0}]}');
INSERT INTO change_json VALUES (4294967298, '{"changeId":"1003","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"COMPOSER","model":null,"totalLinesAdded":20,"totalLinesDeleted":4,"createdAt":"2026-06-28T08:00:00.000Z","metadata":[{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":20,"linesDeleted":4}]}');
INSERT INTO change_json VALUES (4294967299, '{"changeId":"1004","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"TAB","model":null,"totalLinesAdded":6,"totalLinesDeleted":2,"createdAt":"2026-06-29T09:00:00.000Z","metadata":[{"fileName":"Makefile","fileExtension":"","linesAdded":6,"linesDeleted":2}]}');
INSERT INTO change_json VALUES (4294967300, '{"changeId":"1005","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"TAB","model":null,"totalLinesAdded":4,"totalLinesDeleted":1,"createdAt":"2026-06-29T12:00:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":4,"linesDeleted":1}]}');
INSERT INTO change_json VALUES (4294967301, '{"changeId":"1006","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"COMPOSER","model":"gpt-5","totalLinesAdded":16,"totalLinesDeleted":5,"createdAt":"2026-06-29T12:30:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":11,"linesDeleted":0},{"fileName":"README.md","fileExtension":"md","linesAdded":5,"linesDeleted":5}]}');
INSERT INTO change_json VALUES (8589934592, '{"changeId":"1001","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"TAB","model":null,"totalLinesAdded":50,"totalLinesDeleted":10,"createdAt":"2026-06-27T09:00:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":50,"linesDeleted":10}]}');
INSERT INTO change_json VALUES (8589934593, '{"changeId":"1002","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"COMPOSER","model":"gpt-5","totalLinesAdded":40,"totalLinesDeleted":5,"createdAt":"2026-06-27T09:30:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":30,"linesDeleted":5},{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":10,"linesDeleted":0}]}');
INSERT INTO change_json VALUES (8589934594, '{"changeId":"1003","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"COMPOSER","model":null,"totalLinesAdded":20,"totalLinesDeleted":4,"createdAt":"2026-06-28T08:00:00.000Z","metadata":[{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":20,"linesDeleted":4}]}');
INSERT INTO change_json VALUES (8589934595, '{"changeId":"1004","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"TAB","model":null,"totalLinesAdded":6,"totalLinesDeleted":2,"createdAt":"2026-06-29T09:00:00.000Z","metadata":[{"fileName":"Makefile","fileExtension":"","linesAdded":6,"linesDeleted":2}]}');
INSERT INTO change_json VALUES (8589934596, '{"changeId":"1005","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"TAB","model":null,"totalLinesAdded":4,"totalLinesDeleted":1,"createdAt":"2026-06-29T12:00:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":4,"linesDeleted":1}]}');
INSERT INTO change_json VALUES (8589934597, '{"changeId":"1006","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"COMPOSER","model":"gpt-5","totalLinesAdded":16,"totalLinesDeleted":5,"createdAt":"2026-06-29T12:30:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":11,"linesDeleted":0},{"fileName":"README.md","fileExtension":"md","linesAdded":5,"linesDeleted":5}]}');
INSERT INTO changes VALUES (4294967296, 1, 4294967296, 0, 1782550800000, 1001, 'TAB', NULL, 50, 10, '[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":50,"linesDeleted":10}]');
INSERT INTO changes VALUES (4294967297, 1, 4294967296, 1, 1782552600000, 1002, 'COMPOSER', 'gpt-5', 40, 5, '[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":30,"linesDeleted":5},{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":10,"linesDeleted":0}]');
INSERT INTO changes VALUES (4294967298, 1, 4294967297, 0, 1782633600000, 1003, 'COMPOSER', NULL, 20, 4, '[{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":20,"linesDeleted":4}]');
INSERT INTO changes VALUES (4294967299, 1, 4294967296, 2, 1782723600000, 1004, 'TAB', NULL, 6, 2, '[{"fileName":"Makefile","fileExtension":"","linesAdded":6,"linesDeleted":2}]');
INSERT INTO changes VALUES (4294967300, 1, 4294967297, 1, 1782734400000, 1005, 'TAB', NULL, 4, 1, '[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":4,"linesDeleted":1}]');
INSERT INTO changes VALUES (4294967301, 1, 4294967297, 2, 1782736200000, 1006, 'COMPOSER', 'gpt-5', 16, 5, '[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":11,"linesDeleted":0},{"fileName":"README.md","fileExtension":"md","linesAdded":5,"linesDeleted":5}]');
INSERT INTO changes VALUES (8589934592, 2, 8589934592, 0, 1782550800000, 1001, 'TAB', NULL, 50, 10, '[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":50,"linesDeleted":10}]');
INSERT INTO changes VALUES (8589934593, 2, 8589934592, 1, 1782552600000, 1002, 'COMPOSER', 'gpt-5', 40, 5, '[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":30,"linesDeleted":5},{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":10,"linesDeleted":0}]');
INSERT INTO changes VALUES (8589934594, 2, 8589934593, 0, 1782633600000, 1003, 'COMPOSER', NULL, 20, 4, '[{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":20,"linesDeleted":4}]');
INSERT INTO changes VALUES (8589934595, 2, 8589934592, 2, 1782723600000, 1004, 'TAB', NULL, 6, 2, '[{"fileName":"Makefile","fileExtension":"","linesAdded":6,"linesDeleted":2}]');
INSERT INTO changes VALUES (8589934596, 2, 8589934593, 1, 1782734400000, 1005, 'TAB', NULL, 4, 1, '[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":4,"linesDeleted":1}]');
INSERT INTO changes VALUES (8589934597, 2, 8589934593, 2, 1782736200000, 1006, 'COMPOSER', 'gpt-5', 16, 5, '[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":11,"linesDeleted":0},{"fileName":"README.md","fileExtension":"md","linesAdded":5,"linesDeleted":5}]');
INSERT INTO commit_csv VALUES (4294967296, '1111111111111111111111111111111111111111,ide,user_00000000000000000000000ada,ada@duo.example,duo/shop,main,true,120,30,50,10,40,5,30,15,"Add the cart",2026-06-27T10:00:00.000Z,2026-06-27T10:05:00.000Z
');
INSERT INTO commit_csv VALUES (4294967297, '2222222222222222222222222222222222222222,cli,user_000000000000000000000000bo,bo@duo.example,duo/shop,fix/rounding,false,8,8,0,0,0,0,8,8,"Round half to even, as banks do",2026-06-27T14:00:00.000Z,2026-06-27T14:10:00.000Z
');
INSERT INTO commit_csv VALUES (4294967298, '3333333333333333333333333333333333333333,cloud,user_000000000000000000000000bo,bo@duo.example,duo/shop,main,true,15,9,0,0,20,4,0,5,"Say ""tax included"", once",2026-06-28T09:00:00.000Z,2026-06-28T09:04:00.000Z
');
INSERT INTO commit_csv VALUES (4294967299, '4444444444444444444444444444444444444444,ide,user_00000000000000000000000ada,ada@duo.example,duo/shop,main,true,6,2,6,2,0,0,0,0,"Build with make",2026-06-29T10:00:00.000Z,2026-06-29T10:03:00.000Z
');
INSERT INTO commit_csv VALUES (4294967300, '5555555555555555555555555555555555555555,ide,user_00000000000000000000000ada,ada@duo.example,,,,3,1,0,0,0,0,3,1,,2026-06-29T11:00:00.000Z,2026-06-29T11:30:00.000Z
');
INSERT INTO commit_csv VALUES (4294967301, '6666666666666666666666666666666666666666,ide,user_000000000000000000000000bo,bo@duo.example,duo/shop,main,true,30,10,4,1,16,5,10,4,"Show prices
Closes #7.",2026-06-29T13:00:00.000Z,2026-06-29T13:09:00.000Z
');
INSERT INTO commit_csv VALUES (8589934598, '6666666666666666666666666666666666666666,ide,user_000000000000000000000000bo,bo@duo.example,duo/shop,main,true,30,10,4,1,16,5,10,4,"Show prices
Closes #7.",2026-06-29T13:00:00.000Z,2026-06-29T13:09:00.000Z
');
INSERT INTO commit_csv VALUES (8589934597, '5555555555555555555555555555555555555555,ide,user_00000000000000000000000ada,ada@duo.example,,,,3,1,0,0,0,0,3,1,,2026-06-29T11:00:00.000Z,2026-06-29T11:30:00.000Z
');
INSERT INTO commit_csv VALUES (8589934596, '4444444444444444444444444444444444444444,ide,user_00000000000000000000000ada,ada@duo.example,duo/shop,main,true,6,2,6,2,0,0,0,0,"Build with make",2026-06-29T10:00:00.000Z,2026-06-29T10:03:00.000Z
');
INSERT INTO commit_csv VALUES (8589934595, '3333333333333333333333333333333333333333,cloud,user_000000000000000000000000bo,bo@duo.example,duo/shop,main,true,15,9,0,0,20,4,0,5,"Say ""tax included"", once",2026-06-28T09:00:00.000Z,2026-06-28T09:04:00.000Z
');
INSERT INTO commit_csv VALUES (8589934594, '2222222222222222222222222222222222222222,cli,user_000000000000000000000000bo,bo@duo.example,duo/shop,fix/rounding,false,8,8,0,0,0,0,8,8,"Round half to even, as banks do",2026-06-27T14:00:00.000Z,2026-06-27T14:10:00.000Z
');
INSERT INTO commit_csv VALUES (8589934593, '1111111111111111111111111111111111111111,ide,user_00000000000000000000000ada,ada@duo.example,duo/shop,main,true,120,30,50,10,40,5,30,15,"Add the cart",2026-06-27T10:00:00.000Z,2026-06-27T10:05:00.000Z
');
INSERT INTO commit_csv VALUES (8589934592, 'cccccccccccccccccccccccccccccccccccccccc,ide,user_00000000000000000000000ada,ada@duo.example,,,,0,0,0,0,0,0,0,0,"kept, é ""
",2026-06-19T23:55:00.000Z,2026-06-20T00:00:00.000Z
');
INSERT INTO commit_json VALUES (4294967296, '{"commitHash":"1111111111111111111111111111111111111111","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":120,"totalLinesDeleted":30,"tabLinesAdded":50,"tabLinesDeleted":10,"composerLinesAdded":40,"composerLinesDeleted":5,"nonAiLinesAdded":30,"nonAiLinesDeleted":15,"message":"Add the cart","commitTs":"2026-06-27T10:00:00.000Z","createdAt":"2026-06-27T10:05:00.000Z"}');
INSERT INTO commit_json VALUES (4294967297, '{"commitHash":"2222222222222222222222222222222222222222","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"fix/rounding","isPrimaryBranch":false,"commitSource":"cli","totalLinesAdded":8,"totalLinesDeleted":8,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":8,"nonAiLinesDeleted":8,"message":"Round half to even, as banks do","commitTs":"2026-06-27T14:00:00.000Z","createdAt":"2026-06-27T14:10:00.000Z"}');
INSERT INTO commit_json VALUES (4294967298, '{"commitHash":"3333333333333333333333333333333333333333","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"cloud","totalLinesAdded":15,"totalLinesDeleted":9,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":20,"composerLinesDeleted":4,"nonAiLinesAdded":0,"nonAiLinesDeleted":5,"message":"Say \"tax included\", once","commitTs":"2026-06-28T09:00:00.000Z","createdAt":"2026-06-28T09:04:00.000Z"}');
INSERT INTO commit_json VALUES (4294967299, '{"commitHash":"4444444444444444444444444444444444444444","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":6,"totalLinesDeleted":2,"tabLinesAdded":6,"tabLinesDeleted":2,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":0,"nonAiLinesDeleted":0,"message":"Build with make","commitTs":"2026-06-29T10:00:00.000Z","createdAt":"2026-06-29T10:03:00.000Z"}');
INSERT INTO commit_json VALUES (4294967300, '{"commitHash":"5555555555555555555555555555555555555555","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":null,"branchName":null,"isPrimaryBranch":null,"commitSource":"ide","totalLinesAdded":3,"totalLinesDeleted":1,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":3,"nonAiLinesDeleted":1,"message":null,"commitTs":"2026-06-29T11:00:00.000Z","createdAt":"2026-06-29T11:30:00.000Z"}');
INSERT INTO commit_json VALUES (4294967301, '{"commitHash":"6666666666666666666666666666666666666666","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":30,"totalLinesDeleted":10,"tabLinesAdded":4,"tabLinesDeleted":1,"composerLinesAdded":16,"composerLinesDeleted":5,"nonAiLinesAdded":10,"nonAiLinesDeleted":4,"message":"Show prices\n\nCloses #7.","commitTs":"2026-06-29T13:00:00.000Z","createdAt":"2026-06-29T13:09:00.000Z"}');
INSERT INTO commit_json VALUES (8589934598, '{"commitHash":"6666666666666666666666666666666666666666","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":30,"totalLinesDeleted":10,"tabLinesAdded":4,"tabLinesDeleted":1,"composerLinesAdded":16,"composerLinesDeleted":5,"nonAiLinesAdded":10,"nonAiLinesDeleted":4,"message":"Show prices\n\nCloses #7.","commitTs":"2026-06-29T13:00:00.000Z","createdAt":"2026-06-29T13:09:00.000Z"}');
INSERT INTO commit_json VALUES (8589934597, '{"commitHash":"5555555555555555555555555555555555555555","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":null,"branchName":null,"isPrimaryBranch":null,"commitSource":"ide","totalLinesAdded":3,"totalLinesDeleted":1,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":3,"nonAiLinesDeleted":1,"message":null,"commitTs":"2026-06-29T11:00:00.000Z","createdAt":"2026-06-29T11:30:00.000Z"}');
INSERT INTO commit_json VALUES (8589934596, '{"commitHash":"4444444444444444444444444444444444444444","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":6,"totalLinesDeleted":2,"tabLinesAdded":6,"tabLinesDeleted":2,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":0,"nonAiLinesDeleted":0,"message":"Build with make","commitTs":"2026-06-29T10:00:00.000Z","createdAt":"2026-06-29T10:03:00.000Z"}');
INSERT INTO commit_json VALUES (8589934595, '{"commitHash":"3333333333333333333333333333333333333333","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"cloud","totalLinesAdded":15,"totalLinesDeleted":9,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":20,"composerLinesDeleted":4,"nonAiLinesAdded":0,"nonAiLinesDeleted":5,"message":"Say \"tax included\", once","commitTs":"2026-06-28T09:00:00.000Z","createdAt":"2026-06-28T09:04:00.000Z"}');
INSERT INTO commit_json VALUES (8589934594, '{"commitHash":"2222222222222222222222222222222222222222","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"fix/rounding","isPrimaryBranch":false,"commitSource":"cli","totalLinesAdded":8,"totalLinesDeleted":8,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":8,"nonAiLinesDeleted":8,"message":"Round half to even, as banks do","commitTs":"2026-06-27T14:00:00.000Z","createdAt":"2026-06-27T14:10:00.000Z"}');
INSERT INTO commit_json VALUES (8589934593, '{"commitHash":"1111111111111111111111111111111111111111","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":120,"totalLinesDeleted":30,"tabLinesAdded":50,"tabLinesDeleted":10,"composerLinesAdded":40,"composerLinesDeleted":5,"nonAiLinesAdded":30,"nonAiLinesDeleted":15,"message":"Add the cart","commitTs":"2026-06-27T10:00:00.000Z","createdAt":"2026-06-27T10:05:00.000Z"}');
INSERT INTO commit_json VALUES (8589934592, '{"commitHash":"cccccccccccccccccccccccccccccccccccccccc","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":null,"branchName":null,"isPrimaryBranch":null,"commitSource":"ide","totalLinesAdded":0,"totalLinesDeleted":0,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":0,"nonAiLinesDeleted":0,"message":"kept, é \"\n","commitTs":"2026-06-19T23:55:00.000Z","createdAt":"2026-06-20T00:00:00.000Z"}');
INSERT INTO commits VALUES (4294967296, 1, 4294967296, 0, 1782554700000, 1782554400000, '1111111111111111111111111111111111111111', 'ide', 4294967296, 'main', true, 120, 30, 50, 10, 40, 5, 30, 15, 'Add the cart');
INSERT INTO commits VALUES (4294967297, 1, 4294967297, 0, 1782569400000, 1782568800000, '2222222222222222222222222222222222222222', 'cli', 4294967296, 'fix/rounding', false, 8, 8, 0, 0, 0, 0, 8, 8, 'Round half to even, as banks do');
INSERT INTO commits VALUES (4294967298, 1, 4294967297, 1, 1782637440000, 1782637200000, '3333333333333333333333333333333333333333', 'cloud', 4294967296, 'main', true, 15, 9, 0, 0, 20, 4, 0, 5, 'Say "tax included", once');
INSERT INTO commits VALUES (4294967299, 1, 4294967296, 1, 1782727380000, 1782727200000, '4444444444444444444444444444444444444444', 'ide', 4294967296, 'main', true, 6, 2, 6, 2, 0, 0, 0, 0, 'Build with make');
INSERT INTO commits VALUES (4294967300, 1, 4294967296, 2, 1782732600000, 1782730800000, '5555555555555555555555555555555555555555', 'ide', NULL, NULL, NULL, 3, 1, 0, 0, 0, 0, 3, 1, NULL);
INSERT INTO commits VALUES (4294967301, 1, 4294967297, 2, 1782738540000, 1782738000000, '6666666666666666666666666666666666666666', 'ide', 4294967296, 'main', true, 30, 10, 4, 1, 16, 5, 10, 4, 'Show prices
Closes #7.');
INSERT INTO commits VALUES (8589934598, 2, 8589934593, 2, 1782738540000, 1782738000000, '6666666666666666666666666666666666666666', 'ide', 8589934592, 'main', true, 30, 10, 4, 1, 16, 5, 10, 4, 'Show prices
Closes #7.');
INSERT INTO commits VALUES (8589934597, 2, 8589934592, 3, 1782732600000, 1782730800000, '5555555555555555555555555555555555555555', 'ide', NULL, NULL, NULL, 3, 1, 0, 0, 0, 0, 3, 1, NULL);
INSERT INTO commits VALUES (8589934596, 2, 8589934592, 2, 1782727380000, 1782727200000, '4444444444444444444444444444444444444444', 'ide', 8589934592, 'main', true, 6, 2, 6, 2, 0, 0, 0, 0, 'Build with make');
INSERT INTO commits VALUES (8589934595, 2, 8589934593, 1, 1782637440000, 1782637200000, '3333333333333333333333333333333333333333', 'cloud', 8589934592, 'main', true, 15, 9, 0, 0, 20, 4, 0, 5, 'Say "tax included", once');
INSERT INTO commits VALUES (8589934594, 2, 8589934593, 0, 1782569400000, 1782568800000, '2222222222222222222222222222222222222222', 'cli', 8589934592, 'fix/rounding', false, 8, 8, 0, 0, 0, 0, 8, 8, 'Round half to even, as banks do');
INSERT INTO commits VALUES (8589934593, 2, 8589934592, 1, 1782554700000, 1782554400000, '1111111111111111111111111111111111111111', 'ide', 8589934592, 'main', true, 120, 30, 50, 10, 40, 5, 30, 15, 'Add the cart');
INSERT INTO commits VALUES (8589934592, 2, 8589934592, 0, 1781913600000, 1781913300000, 'cccccccccccccccccccccccccccccccccccccccc', 'ide', NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 'kept, é "
');
INSERT INTO conversation VALUES (4294967296, 1, 'conv_o5awnydbvxrvoq6w', 'Rework initiatives', 'Moved platforms out of initiatives', 'Rework initiatives so that platforms and users can change on their own.', '["Split initiatives", "Added tests for platforms", "Updated users"]');
INSERT INTO conversation VALUES (4294967297, 1, 'conv_amzv8xms0edhmwm1', 'Rework relationships', 'Moved convergence out of relationships', 'Rework relationships so that convergence and ebusiness can change on their own.', '["Split relationships", "Added tests for convergence", "Updated ebusiness"]');
INSERT INTO conversation VALUES (8589934592, 2, 'conv_o5awnydbvxrvoq6w', 'Rework initiatives', 'Moved platforms out of initiatives', 'Rework initiatives so that platforms and users can change on their own.', '["Split initiatives", "Added tests for platforms", "Updated users"]');
INSERT INTO conversation VALUES (8589934593, 2, 'conv_amzv8xms0edhmwm1', 'Rework relationships', 'Moved convergence out of relationships', 'Rework relationships so that convergence and ebusiness can change on their own.', '["Split relationships", "Added tests for convergence", "Updated ebusiness"]');
INSERT INTO dataset VALUES (1, 'tiny', '1a32802f14776c8192310003707e1568d3108a5069a165c32971683ba2c37af3', 42, 1782777600000, NULL, NULL, 'c6079f95e69fbb7f74d3f8204cb08d5644f5bd94996c36c1d2d939617398eee3', true, 1795722132298);
INSERT INTO dataset VALUES (2, 'tiny', '1a32802f14776c8192310003707e1568d3108a5069a165c32971683ba2c37af3', 42, 1782777600000, NULL, NULL, '3bc0109fe48a77554f58f2f2abcc4a7c002fcdc15ffcc9fcf8f811437fecb97e', false, 1795722132298);
INSERT INTO journal VALUES ('default', 1, 'duo', 'commits', 200, false, '{}');
INSERT INTO line_annotation VALUES (4294967296, 1, '3333333333333333333333333333333333333333', 'src/functionalities.ts', 'conv_o5awnydbvxrvoq6w', 'gpt-5', 'insert', 27, 46);
INSERT INTO line_annotation VALUES (4294967297, 1, '6666666666666666666666666666666666666666', 'src/methodologies.ts', 'conv_amzv8xms0edhmwm1', 'gpt-5', 'insert', 20, 26);
INSERT INTO line_annotation VALUES (4294967298, 1, '6666666666666666666666666666666666666666', 'src/methodologies.ts', 'conv_amzv8xms0edhmwm1', 'gpt-5', 'insert', 33, 41);
INSERT INTO line_annotation VALUES (8589934592, 2, '3333333333333333333333333333333333333333', 'src/functionalities.ts', 'conv_o5awnydbvxrvoq6w', 'gpt-5', 'insert', 27, 46);
INSERT INTO line_annotation VALUES (8589934593, 2, '6666666666666666666666666666666666666666', 'src/methodologies.ts', 'conv_amzv8xms0edhmwm1', 'gpt-5', 'insert', 20, 26);
INSERT INTO line_annotation VALUES (8589934594, 2, '6666666666666666666666666666666666666666', 'src/methodologies.ts', 'conv_amzv8xms0edhmwm1', 'gpt-5', 'insert', 33, 41);
INSERT INTO member VALUES (4294967296, 1, 'user_00000000000000000000000ada', 101, 'ada@duo.example', 'ada@duo.example', 'Ada Ito', 'owner', false, false);
INSERT INTO member VALUES (4294967297, 1, 'user_000000000000000000000000bo', 102, 'bo@duo.example', 'bo@duo.example', 'Bo Lund', 'member', false, false);
INSERT INTO member VALUES (8589934592, 2, 'user_00000000000000000000000ada', 101, 'ada@duo.example', 'ada@duo.example', 'Ada Ito', 'owner', false, false);
INSERT INTO member VALUES (8589934593, 2, 'user_000000000000000000000000bo', 102, 'bo@duo.example', 'bo@duo.example', 'Bo Lund', 'member', false, false);
INSERT INTO rate_window VALUES ('k', 'default', 1, 1, 1);
INSERT INTO repository VALUES (4294967296, 1, 'duo/shop', 'main');
INSERT INTO repository VALUES (8589934592, 2, 'duo/shop', 'main');
INSERT INTO store_info VALUES (2);
INSERT INTO team VALUES (1, 1, 0, 'duo', 'enterprise', true);
INSERT INTO team VALUES (2, 2, 0, 'duo', 'enterprise', true);
INSERT INTO world VALUES ('default', 2, 1, '2026-06', 'documented', '{}', 1782777600000, 0, '{"revision": "2026-06", "behavior": "documented", "settings": "{}", "frozen_at": 1782777600000, "offset_ms": 0}', false, 1, 0, 1795722132298);
ALTER TABLE ONLY api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY change_csv
    ADD CONSTRAINT change_csv_pkey PRIMARY KEY (id);
ALTER TABLE ONLY change_json
    ADD CONSTRAINT change_json_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY commit_csv
    ADD CONSTRAINT commit_csv_pkey PRIMARY KEY (id);
ALTER TABLE ONLY commit_json
    ADD CONSTRAINT commit_json_pkey PRIMARY KEY (id);
ALTER TABLE ONLY commits
    ADD CONSTRAINT commits_pkey PRIMARY KEY (id);
ALTER TABLE ONLY conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY dataset
    ADD CONSTRAINT dataset_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fault
    ADD CONSTRAINT fault_pkey PRIMARY KEY (world_id, number);
ALTER TABLE ONLY journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (world_id, number);
ALTER TABLE ONLY line_annotation
    ADD CONSTRAINT line_annotation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY member
    ADD CONSTRAINT member_pkey PRIMARY KEY (id);
ALTER TABLE ONLY rate_window
    ADD CONSTRAINT rate_window_pkey PRIMARY KEY (key);
ALTER TABLE ONLY repository
    ADD CONSTRAINT repository_pkey PRIMARY KEY (id);
ALTER TABLE ONLY snapshot
    ADD CONSTRAINT snapshot_pkey PRIMARY KEY (world_id, name);
ALTER TABLE ONLY store_info
    ADD CONSTRAINT store_info_pkey PRIMARY KEY (schema_version);
ALTER TABLE ONLY team
    ADD CONSTRAINT team_pkey PRIMARY KEY (id);
ALTER TABLE ONLY world
    ADD CONSTRAINT world_pkey PRIMARY KEY (id);
CREATE INDEX annotations_by_hash ON line_annotation USING btree (team_id, commit_hash);
CREATE INDEX changes_by_instant ON changes USING btree (team_id, created_at, id);
CREATE INDEX changes_by_member ON changes USING btree (member_id, member_position);
CREATE INDEX changes_by_member_instant ON changes USING btree (member_id, created_at, member_position);
CREATE INDEX commits_by_hash ON commits USING btree (commit_hash);
CREATE INDEX commits_by_instant ON commits USING btree (team_id, created_at, id);
CREATE INDEX commits_by_member ON commits USING btree (member_id, member_position);
CREATE INDEX commits_by_member_instant ON commits USING btree (member_id, created_at, member_position);
CREATE INDEX ix_api_key_world_id ON api_key USING btree (world_id);
CREATE INDEX ix_conversation_team_id ON conversation USING btree (team_id);
CREATE INDEX ix_dataset_scenario_digest ON dataset USING btree (scenario_digest);
CREATE INDEX ix_member_team_id ON member USING btree (team_id);
CREATE INDEX ix_rate_window_world_id ON rate_window USING btree (world_id);
CREATE INDEX ix_repository_team_id ON repository USING btree (team_id);
CREATE INDEX ix_snapshot_dataset_id ON snapshot USING btree (dataset_id);
CREATE INDEX ix_team_dataset_id ON team USING btree (dataset_id);
CREATE INDEX ix_world_dataset_id ON world USING btree (dataset_id);
CREATE INDEX ix_world_origin_id ON world USING btree (origin_id);
CREATE INDEX journal_by_endpoint ON journal USING btree (world_id, endpoint, number);
ALTER TABLE ONLY api_key
    ADD CONSTRAINT api_key_world_id_fkey FOREIGN KEY (world_id) REFERENCES world(id);
ALTER TABLE ONLY changes
    ADD CONSTRAINT changes_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id);
ALTER TABLE ONLY changes
    ADD CONSTRAINT changes_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE ONLY commits
    ADD CONSTRAINT commits_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id);
ALTER TABLE ONLY commits
    ADD CONSTRAINT commits_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES repository(id);
ALTER TABLE ONLY commits
    ADD CONSTRAINT commits_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE ONLY conversation
    ADD CONSTRAINT conversation_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE ONLY fault
    ADD CONSTRAINT fault_world_id_fkey FOREIGN KEY (world_id) REFERENCES world(id);
ALTER TABLE ONLY journal
    ADD CONSTRAINT journal_world_id_fkey FOREIGN KEY (world_id) REFERENCES world(id);
ALTER TABLE ONLY line_annotation
    ADD CONSTRAINT line_annotation_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE ONLY member
    ADD CONSTRAINT member_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE ONLY repository
    ADD CONSTRAINT repository_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id);
ALTER TABLE ONLY snapshot
    ADD CONSTRAINT snapshot_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id);
ALTER TABLE ONLY snapshot
    ADD CONSTRAINT snapshot_world_id_fkey FOREIGN KEY (world_id) REFERENCES world(id);
ALTER TABLE ONLY team
    ADD CONSTRAINT team_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id);
ALTER TABLE ONLY world
    ADD CONSTRAINT world_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id);
ALTER TABLE ONLY world
    ADD CONSTRAINT world_origin_id_fkey FOREIGN KEY (origin_id) REFERENCES dataset(id);
