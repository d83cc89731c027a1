-- One number that grows with whatever a page shows: a server compares it to know whether its pages are still true.
CREATE TABLE board_change (number INTEGER NOT NULL);
INSERT INTO board_change (number) VALUES (0);

CREATE TRIGGER entry_is_a_change AFTER INSERT ON entry
BEGIN UPDATE board_change SET number = number + 1; END;
