-- Own votes, chats and turns of tests/test_export_golden.py; times are of 24 November 2025.

INSERT INTO visitors (id, first_seen, address_hash)
  VALUES ('v0', 1764000000.0, 'a1');
INSERT INTO visitors (id, first_seen, address_hash)
  VALUES ('v1', 1764000000.0, 'a1');

INSERT INTO contenders (id, name, config)
  VALUES ('c-1', 'Blended', '{"policy": "uniform", "members": []}');
INSERT INTO contenders (id, name, config)
  VALUES ('c-2', 'oak', '{"members": ["oak"]}');
INSERT INTO contenders (id, name, config)
  VALUES ('c-3', 'oak', '{"members": ["oak"], "temperature": 0.5}');

INSERT INTO conversations (id, visitor, contender, kind, created)
  VALUES ('left', 'v0', 'c-1', 'battle', 1764000000.0);
INSERT INTO conversations (id, visitor, contender, kind, created)
  VALUES ('right', 'v0', 'c-2', 'battle', 1764000000.0);
INSERT INTO conversations (id, visitor, contender, kind, created)
  VALUES ('talk', 'v0', 'c-1', 'chat', 1764000000.0);

INSERT INTO battles (id, visitor, "left", "right", policy, left_conversation, right_conversation, pair_chance, status, turns, prompt_hash, language, tags, tag_rules, tag_time, created)
  VALUES ('b1', 'v0', 'c-1', 'c-2', 'focus', 'left', 'right', 0.25, 'voted', 1, 'cf56aa36', 'en', '["small_talk", "über mich"]', '1+0a1b2c3d', 1764000000.5, 1764000000.0);
INSERT INTO battles (id, visitor, "left", "right", policy, status, leaked, void_reason, created)
  VALUES ('b2', 'v1', 'c-3', 'c-1', 'adaptive', 'void', 1, 'skipped', 1764000060.0);
INSERT INTO battles (id, visitor, "left", "right", policy, status, turns, leaked, tags, tag_rules, created)
  VALUES ('b3', 'v1', 'c-3', 'c-1', 'adaptive', 'voted', 2, 1, '[]', '1', 1764000120.0);

INSERT INTO votes (battle, choice, created, counted, reason, rules, prompt_characters, left_characters, left_headers, left_lists, left_bold, right_characters, right_headers, right_lists, right_bold)
  VALUES ('b1', 'left', 1764000009.5, 1, '', '2', 16, 17, 1, 1, 0, 5, 0, 0, 0);
INSERT INTO votes (battle, choice, created, counted, reason, rules)
  VALUES ('b3', 'both_bad', 1764000130.0, 0, 'identity_shown', '2');

INSERT INTO turns (prompt, reply, features, id, conversation, position, member, chance, chances, ahead, finished, finish, ttft_s, seconds, prompt_tokens, cached_tokens, completion_tokens)
  VALUES ('How **are** you?', '# Gut
- *schön*', '{"prompt_characters": 16, "reply_characters": 17, "code": 0, "headers": 1, "lists": 1, "bold": 0, "ascii": 1.0, "language": "en", "prompt_hash": "cf56aa36"}', 't1', 'left', 0, 'elm', 0.75, '{"elm": 0.75, "oak": 0.25}', 1, 1, 'stop', 0.25, 1.5, 30, 20, 9);
INSERT INTO turns (prompt, reply, features, id, conversation, position, error)
  VALUES (NULL, NULL, '{"prompt_characters": 16, "reply_characters": 17, "code": 0, "headers": 1, "lists": 1, "bold": 0, "ascii": 1.0, "language": "en", "prompt_hash": "cf56aa36"}', 't2', 'right', 0, 'it is ill');
INSERT INTO turns (prompt, reply, features, id, conversation, position, finished, undone, cut_turns, feedback, feedback_reasons, parent)
  VALUES ('How **are** you?', '# Gut
- *schön*', '{"prompt_characters": 16, "reply_characters": 17, "code": 0, "headers": 1, "lists": 1, "bold": 0, "ascii": 1.0, "language": "en", "prompt_hash": "cf56aa36"}', 't3', 'talk', 0, 1, 1, 2, -1, '["wrong_facts", "zu kurz"]', 't1');

INSERT INTO drafts (turn, place, member, text, picked, judge, how, prompt_tokens, completion_tokens)
  VALUES ('t3', 0, 'elm', '# Gut
- *schön*', 1, 'oak', 'judged', 15, 4);
INSERT INTO drafts (turn, place, member, text, picked, judge, how, finish)
  VALUES ('t3', 1, 'oak', 'Schlecht', 0, 'oak', 'judged', 'length');

INSERT INTO vote_reasons (battle, side, kind, reason, given, changed)
  VALUES ('b1', 'left', 'good', 'more_natural', 1, 1764000012.0),
    ('b1', 'left', 'good', 'more_helpful', 1, 1764000011.0),
    ('b1', 'right', 'bad', 'zu kurz', 1, 1764000013.0),
    ('b1', 'right', 'bad', 'wrong_facts', 0, 1764000014.0);
INSERT INTO vote_comments (battle, comment, changed)
  VALUES ('b1', 'Schön
gesagt.', 1764000015.0);
