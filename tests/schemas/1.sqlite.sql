BEGIN TRANSACTION;
CREATE TABLE api_key (
	digest VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	team_id INTEGER NOT NULL, 
	PRIMARY KEY (digest), 
	FOREIGN KEY(team_id) REFERENCES team (id)
);
INSERT INTO "api_key" VALUES('62af8704764faf8ea82fc61ce9c4c3908b6cb97d463a634e9e587d7c885db0ef','test-key',1);
CREATE TABLE change_csv (
	id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "change_csv" VALUES(4294967296,'1001,user_00000000000000000000000ada,ada@duo.example,TAB,,50,10,2026-06-27T09:00:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":50,""linesDeleted"":10}]"
');
INSERT INTO "change_csv" VALUES(4294967297,'1002,user_00000000000000000000000ada,ada@duo.example,COMPOSER,gpt-5,40,5,2026-06-27T09:30:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":30,""linesDeleted"":5},{""fileName"":""src/tax.ts"",""fileExtension"":""ts"",""linesAdded"":10,""linesDeleted"":0}]"
');
INSERT INTO "change_csv" VALUES(4294967298,'1003,user_000000000000000000000000bo,bo@duo.example,COMPOSER,,20,4,2026-06-28T08:00:00.000Z,"[{""fileName"":""src/tax.ts"",""fileExtension"":""ts"",""linesAdded"":20,""linesDeleted"":4}]"
');
INSERT INTO "change_csv" VALUES(4294967299,'1004,user_00000000000000000000000ada,ada@duo.example,TAB,,6,2,2026-06-29T09:00:00.000Z,"[{""fileName"":""Makefile"",""fileExtension"":"""",""linesAdded"":6,""linesDeleted"":2}]"
');
INSERT INTO "change_csv" VALUES(4294967300,'1005,user_000000000000000000000000bo,bo@duo.example,TAB,,4,1,2026-06-29T12:00:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":4,""linesDeleted"":1}]"
');
INSERT INTO "change_csv" VALUES(4294967301,'1006,user_000000000000000000000000bo,bo@duo.example,COMPOSER,gpt-5,16,5,2026-06-29T12:30:00.000Z,"[{""fileName"":""src/cart.ts"",""fileExtension"":""ts"",""linesAdded"":11,""linesDeleted"":0},{""fileName"":""README.md"",""fileExtension"":""md"",""linesAdded"":5,""linesDeleted"":5}]"
');
CREATE TABLE change_json (
	id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "change_json" VALUES(4294967296,'{"changeId":"1001","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"TAB","model":null,"totalLinesAdded":50,"totalLinesDeleted":10,"createdAt":"2026-06-27T09:00:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":50,"linesDeleted":10}]}');
INSERT INTO "change_json" VALUES(4294967297,'{"changeId":"1002","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"COMPOSER","model":"gpt-5","totalLinesAdded":40,"totalLinesDeleted":5,"createdAt":"2026-06-27T09:30:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":30,"linesDeleted":5},{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":10,"linesDeleted":0}]}');
INSERT INTO "change_json" VALUES(4294967298,'{"changeId":"1003","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"COMPOSER","model":null,"totalLinesAdded":20,"totalLinesDeleted":4,"createdAt":"2026-06-28T08:00:00.000Z","metadata":[{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":20,"linesDeleted":4}]}');
INSERT INTO "change_json" VALUES(4294967299,'{"changeId":"1004","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","source":"TAB","model":null,"totalLinesAdded":6,"totalLinesDeleted":2,"createdAt":"2026-06-29T09:00:00.000Z","metadata":[{"fileName":"Makefile","fileExtension":"","linesAdded":6,"linesDeleted":2}]}');
INSERT INTO "change_json" VALUES(4294967300,'{"changeId":"1005","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"TAB","model":null,"totalLinesAdded":4,"totalLinesDeleted":1,"createdAt":"2026-06-29T12:00:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":4,"linesDeleted":1}]}');
INSERT INTO "change_json" VALUES(4294967301,'{"changeId":"1006","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","source":"COMPOSER","model":"gpt-5","totalLinesAdded":16,"totalLinesDeleted":5,"createdAt":"2026-06-29T12:30:00.000Z","metadata":[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":11,"linesDeleted":0},{"fileName":"README.md","fileExtension":"md","linesAdded":5,"linesDeleted":5}]}');
CREATE TABLE changes (
	id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	member_position INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	change_id BIGINT NOT NULL, 
	source VARCHAR NOT NULL, 
	model VARCHAR, 
	total_lines_added INTEGER NOT NULL, 
	total_lines_deleted INTEGER NOT NULL, 
	metadata VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(team_id) REFERENCES team (id), 
	FOREIGN KEY(member_id) REFERENCES member (id)
);
INSERT INTO "changes" VALUES(4294967296,1,1,0,1782550800000,1001,'TAB',NULL,50,10,'[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":50,"linesDeleted":10}]');
INSERT INTO "changes" VALUES(4294967297,1,1,1,1782552600000,1002,'COMPOSER','gpt-5',40,5,'[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":30,"linesDeleted":5},{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":10,"linesDeleted":0}]');
INSERT INTO "changes" VALUES(4294967298,1,2,0,1782633600000,1003,'COMPOSER',NULL,20,4,'[{"fileName":"src/tax.ts","fileExtension":"ts","linesAdded":20,"linesDeleted":4}]');
INSERT INTO "changes" VALUES(4294967299,1,1,2,1782723600000,1004,'TAB',NULL,6,2,'[{"fileName":"Makefile","fileExtension":"","linesAdded":6,"linesDeleted":2}]');
INSERT INTO "changes" VALUES(4294967300,1,2,1,1782734400000,1005,'TAB',NULL,4,1,'[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":4,"linesDeleted":1}]');
INSERT INTO "changes" VALUES(4294967301,1,2,2,1782736200000,1006,'COMPOSER','gpt-5',16,5,'[{"fileName":"src/cart.ts","fileExtension":"ts","linesAdded":11,"linesDeleted":0},{"fileName":"README.md","fileExtension":"md","linesAdded":5,"linesDeleted":5}]');
CREATE TABLE commit_csv (
	id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "commit_csv" VALUES(4294967296,'1111111111111111111111111111111111111111,ide,user_00000000000000000000000ada,ada@duo.example,duo/shop,main,true,120,30,50,10,40,5,30,15,"Add the cart",2026-06-27T10:00:00.000Z,2026-06-27T10:05:00.000Z
');
INSERT INTO "commit_csv" VALUES(4294967297,'2222222222222222222222222222222222222222,cli,user_000000000000000000000000bo,bo@duo.example,duo/shop,fix/rounding,false,8,8,0,0,0,0,8,8,"Round half to even, as banks do",2026-06-27T14:00:00.000Z,2026-06-27T14:10:00.000Z
');
INSERT INTO "commit_csv" VALUES(4294967298,'3333333333333333333333333333333333333333,cloud,user_000000000000000000000000bo,bo@duo.example,duo/shop,main,true,15,9,0,0,20,4,0,5,"Say ""tax included"", once",2026-06-28T09:00:00.000Z,2026-06-28T09:04:00.000Z
');
INSERT INTO "commit_csv" VALUES(4294967299,'4444444444444444444444444444444444444444,ide,user_00000000000000000000000ada,ada@duo.example,duo/shop,main,true,6,2,6,2,0,0,0,0,"Build with make",2026-06-29T10:00:00.000Z,2026-06-29T10:03:00.000Z
');
INSERT INTO "commit_csv" VALUES(4294967300,'5555555555555555555555555555555555555555,ide,user_00000000000000000000000ada,ada@duo.example,,,,3,1,0,0,0,0,3,1,,2026-06-29T11:00:00.000Z,2026-06-29T11:30:00.000Z
');
INSERT INTO "commit_csv" VALUES(4294967301,'6666666666666666666666666666666666666666,ide,user_000000000000000000000000bo,bo@duo.example,duo/shop,main,true,30,10,4,1,16,5,10,4,"Show prices

Closes #7.",2026-06-29T13:00:00.000Z,2026-06-29T13:09:00.000Z
');
CREATE TABLE commit_json (
	id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "commit_json" VALUES(4294967296,'{"commitHash":"1111111111111111111111111111111111111111","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":120,"totalLinesDeleted":30,"tabLinesAdded":50,"tabLinesDeleted":10,"composerLinesAdded":40,"composerLinesDeleted":5,"nonAiLinesAdded":30,"nonAiLinesDeleted":15,"message":"Add the cart","commitTs":"2026-06-27T10:00:00.000Z","createdAt":"2026-06-27T10:05:00.000Z"}');
INSERT INTO "commit_json" VALUES(4294967297,'{"commitHash":"2222222222222222222222222222222222222222","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"fix/rounding","isPrimaryBranch":false,"commitSource":"cli","totalLinesAdded":8,"totalLinesDeleted":8,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":8,"nonAiLinesDeleted":8,"message":"Round half to even, as banks do","commitTs":"2026-06-27T14:00:00.000Z","createdAt":"2026-06-27T14:10:00.000Z"}');
INSERT INTO "commit_json" VALUES(4294967298,'{"commitHash":"3333333333333333333333333333333333333333","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"cloud","totalLinesAdded":15,"totalLinesDeleted":9,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":20,"composerLinesDeleted":4,"nonAiLinesAdded":0,"nonAiLinesDeleted":5,"message":"Say \"tax included\", once","commitTs":"2026-06-28T09:00:00.000Z","createdAt":"2026-06-28T09:04:00.000Z"}');
INSERT INTO "commit_json" VALUES(4294967299,'{"commitHash":"4444444444444444444444444444444444444444","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":6,"totalLinesDeleted":2,"tabLinesAdded":6,"tabLinesDeleted":2,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":0,"nonAiLinesDeleted":0,"message":"Build with make","commitTs":"2026-06-29T10:00:00.000Z","createdAt":"2026-06-29T10:03:00.000Z"}');
INSERT INTO "commit_json" VALUES(4294967300,'{"commitHash":"5555555555555555555555555555555555555555","userId":"user_00000000000000000000000ada","userEmail":"ada@duo.example","repoName":null,"branchName":null,"isPrimaryBranch":null,"commitSource":"ide","totalLinesAdded":3,"totalLinesDeleted":1,"tabLinesAdded":0,"tabLinesDeleted":0,"composerLinesAdded":0,"composerLinesDeleted":0,"nonAiLinesAdded":3,"nonAiLinesDeleted":1,"message":null,"commitTs":"2026-06-29T11:00:00.000Z","createdAt":"2026-06-29T11:30:00.000Z"}');
INSERT INTO "commit_json" VALUES(4294967301,'{"commitHash":"6666666666666666666666666666666666666666","userId":"user_000000000000000000000000bo","userEmail":"bo@duo.example","repoName":"duo/shop","branchName":"main","isPrimaryBranch":true,"commitSource":"ide","totalLinesAdded":30,"totalLinesDeleted":10,"tabLinesAdded":4,"tabLinesDeleted":1,"composerLinesAdded":16,"composerLinesDeleted":5,"nonAiLinesAdded":10,"nonAiLinesDeleted":4,"message":"Show prices\n\nCloses #7.","commitTs":"2026-06-29T13:00:00.000Z","createdAt":"2026-06-29T13:09:00.000Z"}');
CREATE TABLE commits (
	id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	member_position INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	commit_ts BIGINT, 
	commit_hash VARCHAR NOT NULL, 
	commit_source VARCHAR NOT NULL, 
	repository_id INTEGER, 
	branch_name VARCHAR, 
	is_primary_branch BOOLEAN, 
	total_lines_added INTEGER NOT NULL, 
	total_lines_deleted INTEGER NOT NULL, 
	tab_lines_added INTEGER NOT NULL, 
	tab_lines_deleted INTEGER NOT NULL, 
	composer_lines_added INTEGER NOT NULL, 
	composer_lines_deleted INTEGER NOT NULL, 
	non_ai_lines_added INTEGER, 
	non_ai_lines_deleted INTEGER, 
	message VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(team_id) REFERENCES team (id), 
	FOREIGN KEY(member_id) REFERENCES member (id), 
	FOREIGN KEY(repository_id) REFERENCES repository (id)
);
INSERT INTO "commits" VALUES(4294967296,1,1,0,1782554700000,1782554400000,'1111111111111111111111111111111111111111','ide',1,'main',1,120,30,50,10,40,5,30,15,'Add the cart');
INSERT INTO "commits" VALUES(4294967297,1,2,0,1782569400000,1782568800000,'2222222222222222222222222222222222222222','cli',1,'fix/rounding',0,8,8,0,0,0,0,8,8,'Round half to even, as banks do');
INSERT INTO "commits" VALUES(4294967298,1,2,1,1782637440000,1782637200000,'3333333333333333333333333333333333333333','cloud',1,'main',1,15,9,0,0,20,4,0,5,'Say "tax included", once');
INSERT INTO "commits" VALUES(4294967299,1,1,1,1782727380000,1782727200000,'4444444444444444444444444444444444444444','ide',1,'main',1,6,2,6,2,0,0,0,0,'Build with make');
INSERT INTO "commits" VALUES(4294967300,1,1,2,1782732600000,1782730800000,'5555555555555555555555555555555555555555','ide',NULL,NULL,NULL,3,1,0,0,0,0,3,1,NULL);
INSERT INTO "commits" VALUES(4294967301,1,2,2,1782738540000,1782738000000,'6666666666666666666666666666666666666666','ide',1,'main',1,30,10,4,1,16,5,10,4,'Show prices

Closes #7.');
CREATE TABLE conversation (
	id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	conversation_id VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	tldr VARCHAR NOT NULL, 
	overview VARCHAR NOT NULL, 
	bullets VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(team_id) REFERENCES team (id)
);
INSERT INTO "conversation" VALUES(1,1,'conv_o5awnydbvxrvoq6w','Rework initiatives','Moved platforms out of initiatives','Rework initiatives so that platforms and users can change on their own.','["Split initiatives", "Added tests for platforms", "Updated users"]');
INSERT INTO "conversation" VALUES(2,1,'conv_amzv8xms0edhmwm1','Rework relationships','Moved convergence out of relationships','Rework relationships so that convergence and ebusiness can change on their own.','["Split relationships", "Added tests for convergence", "Updated ebusiness"]');
CREATE TABLE line_annotation (
	id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	commit_hash VARCHAR NOT NULL, 
	file_path VARCHAR NOT NULL, 
	conversation_id VARCHAR, 
	model VARCHAR, 
	operation_type VARCHAR NOT NULL, 
	first_line INTEGER NOT NULL, 
	last_line INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(team_id) REFERENCES team (id)
);
INSERT INTO "line_annotation" VALUES(1,1,'3333333333333333333333333333333333333333','src/functionalities.ts','conv_o5awnydbvxrvoq6w','gpt-5','insert',27,46);
INSERT INTO "line_annotation" VALUES(2,1,'6666666666666666666666666666666666666666','src/methodologies.ts','conv_amzv8xms0edhmwm1','gpt-5','insert',20,26);
INSERT INTO "line_annotation" VALUES(3,1,'6666666666666666666666666666666666666666','src/methodologies.ts','conv_amzv8xms0edhmwm1','gpt-5','insert',33,41);
CREATE TABLE member (
	id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	user_id VARCHAR NOT NULL, 
	numeric_id BIGINT NOT NULL, 
	email VARCHAR NOT NULL, 
	email_key VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	is_removed BOOLEAN NOT NULL, 
	privacy_mode BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(team_id) REFERENCES team (id)
);
INSERT INTO "member" VALUES(1,1,'user_00000000000000000000000ada',101,'ada@duo.example','ada@duo.example','Ada Ito','owner',0,0);
INSERT INTO "member" VALUES(2,1,'user_000000000000000000000000bo',102,'bo@duo.example','bo@duo.example','Bo Lund','member',0,0);
CREATE TABLE rate_window (
	"key" VARCHAR NOT NULL, 
	ends_at BIGINT NOT NULL, 
	wall_ends_at BIGINT NOT NULL, 
	hits INTEGER NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE repository (
	id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	primary_branch VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(team_id) REFERENCES team (id)
);
INSERT INTO "repository" VALUES(1,1,'duo/shop','main');
CREATE TABLE store_info (
	schema_version INTEGER NOT NULL, 
	PRIMARY KEY (schema_version)
);
INSERT INTO "store_info" VALUES(1);
CREATE TABLE team (
	id INTEGER NOT NULL, 
	world_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	"plan" VARCHAR NOT NULL, 
	has_detail BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(world_id) REFERENCES world (id)
);
INSERT INTO "team" VALUES(1,'default','duo','enterprise',1);
CREATE TABLE world (
	id VARCHAR NOT NULL, 
	scenario VARCHAR NOT NULL, 
	scenario_digest VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	anchor BIGINT NOT NULL, 
	revision VARCHAR NOT NULL, 
	behavior VARCHAR NOT NULL, 
	settings VARCHAR NOT NULL, 
	frozen_at BIGINT, 
	offset_ms BIGINT NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "world" VALUES('default','tiny','1a32802f14776c8192310003707e1568d3108a5069a165c32971683ba2c37af3',42,1782777600000,'2026-06','documented','{}',1782777600000,0,'c6079f95e69fbb7f74d3f8204cb08d5644f5bd94996c36c1d2d939617398eee3');
CREATE INDEX ix_team_world_id ON team (world_id);
CREATE INDEX ix_api_key_team_id ON api_key (team_id);
CREATE INDEX ix_conversation_team_id ON conversation (team_id);
CREATE INDEX annotations_by_hash ON line_annotation (team_id, commit_hash);
CREATE INDEX ix_member_team_id ON member (team_id);
CREATE INDEX ix_repository_team_id ON repository (team_id);
CREATE INDEX changes_by_member ON changes (member_id, member_position);
CREATE INDEX changes_by_instant ON changes (team_id, created_at, id);
CREATE INDEX changes_by_member_instant ON changes (member_id, created_at, member_position);
CREATE INDEX commits_by_member ON commits (member_id, member_position);
CREATE INDEX commits_by_instant ON commits (team_id, created_at, id);
CREATE INDEX commits_by_hash ON commits (commit_hash);
CREATE INDEX commits_by_member_instant ON commits (member_id, created_at, member_position);
COMMIT;
