from django.db import migrations

FORBID = """
CREATE FUNCTION ratings_vote_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'votes are append-only';
END $$;
CREATE TRIGGER ratings_ballot_append_only BEFORE UPDATE OR DELETE ON ratings_ballot
    FOR EACH ROW EXECUTE FUNCTION ratings_vote_stands();
CREATE TRIGGER ratings_mark_append_only BEFORE UPDATE OR DELETE ON ratings_mark
    FOR EACH ROW EXECUTE FUNCTION ratings_vote_stands();
CREATE TRIGGER ratings_paperentry_append_only BEFORE UPDATE OR DELETE ON ratings_paperentry
    FOR EACH ROW EXECUTE FUNCTION ratings_vote_stands();
CREATE TRIGGER ratings_papercount_append_only BEFORE UPDATE OR DELETE ON ratings_papercount
    FOR EACH ROW EXECUTE FUNCTION ratings_vote_stands();

CREATE FUNCTION ratings_right_is_used_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.has_voted AND (TG_OP = 'DELETE' OR NOT NEW.has_voted) THEN
        RAISE EXCEPTION 'a used right to vote stays used';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER ratings_voter_used_once BEFORE UPDATE OR DELETE ON ratings_voter
    FOR EACH ROW EXECUTE FUNCTION ratings_right_is_used_once();

CREATE FUNCTION ratings_secret_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_secret <> OLD.is_secret AND OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'a round stays as secret as it began';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ratings_round_secret_stays BEFORE UPDATE ON ratings_ratinground
    FOR EACH ROW EXECUTE FUNCTION ratings_secret_stays();

CREATE FUNCTION ratings_no_secret_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT r.is_secret FROM ratings_voter v JOIN ratings_ratinground r ON r.id = v.round_id
        WHERE v.id = NEW.voter_id) THEN
        RAISE EXCEPTION 'a secret round keeps no ballots';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ratings_ballot_is_named BEFORE INSERT ON ratings_ballot
    FOR EACH ROW EXECUTE FUNCTION ratings_no_secret_ballot();
"""
ALLOW = """
DROP TRIGGER ratings_ballot_is_named ON ratings_ballot;
DROP FUNCTION ratings_no_secret_ballot();
DROP TRIGGER ratings_round_secret_stays ON ratings_ratinground;
DROP FUNCTION ratings_secret_stays();
DROP TRIGGER ratings_voter_used_once ON ratings_voter;
DROP FUNCTION ratings_right_is_used_once();
DROP TRIGGER ratings_papercount_append_only ON ratings_papercount;
DROP TRIGGER ratings_paperentry_append_only ON ratings_paperentry;
DROP TRIGGER ratings_mark_append_only ON ratings_mark;
DROP TRIGGER ratings_ballot_append_only ON ratings_ballot;
DROP FUNCTION ratings_vote_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("ratings", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
