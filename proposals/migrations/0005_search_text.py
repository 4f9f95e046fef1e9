import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

FUNCTIONS = r"""
CREATE FUNCTION proposals_plain(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(lower(normalize(words, NFKC)), '\s+', '', 'g')
$$;

CREATE FUNCTION proposals_pairs(words text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT one || next)
    FROM (SELECT string_to_array(words, NULL) AS signs) AS split, unnest(signs, signs[2:]) AS pair(one, next)
    WHERE next IS NOT NULL
$$;

-- What all titles say is left out; a title that says nothing else stays whole.
CREATE FUNCTION proposals_title_key(title text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(nullif(btrim(regexp_replace(regexp_replace(regexp_replace(signs,
        '^(关于|对于|有关)+', ''),
        '的?(相关)?(建议|议案|提案|意见|问题)+$', ''),
        '(进一步|切实|加强|加快|加大|完善|推进|推动|要求|尽快|尽早|抓紧|提高|提升|改善|优化|建立|健全|落实|解决|实施'
        '|开展|促进|深入|大力|积极|有效|重视|高度|强化|做好|支持|力度|问题|我市|我县|我区|我镇|我省|全市|全县|全区'
        '|相关|有关|工作|适当|给予|关于|希望|建议|对于|[的和与及对在])+', ' ', 'g')), ''), signs)
    FROM (SELECT regexp_replace(proposals_plain(title), '[^[:alnum:]]+', '', 'g') AS signs) AS plain
$$;

CREATE FUNCTION proposals_title_pairs(key text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce((SELECT string_agg(pair, ' ') FROM unnest(proposals_pairs(key)) AS pair
                     WHERE position(' ' IN pair) = 0), key)
$$;

CREATE FUNCTION proposals_index(proposals bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO proposals_searchtext (proposal_id, text, grams, title_key, title_pairs)
    SELECT id, all_of_it, proposals_pairs(all_of_it) || array(SELECT DISTINCT unnest(string_to_array(all_of_it, NULL))),
        key, proposals_title_pairs(key)
    FROM proposals_proposal JOIN casework_case ON id = case_ptr_id
    CROSS JOIN LATERAL (SELECT
        concat_ws(E'\n', proposals_plain(title), proposals_plain(body), proposals_plain(grounds),
            proposals_plain(plan)) || E'\n' AS all_of_it,
        proposals_title_key(title) AS key) AS words
    WHERE case_ptr_id = ANY (proposals)
    ON CONFLICT (proposal_id) DO UPDATE SET
        text = excluded.text, grams = excluded.grams,
        title_key = excluded.title_key, title_pairs = excluded.title_pairs
$$;

CREATE FUNCTION proposals_index_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM proposals_index(array(SELECT case_ptr_id FROM written));
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_index_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM proposals_index(ARRAY[NEW.case_ptr_id]);
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_index_title() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM proposals_index(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
"""
TRIGGERS = """
ALTER TABLE proposals_searchtext ADD CONSTRAINT searchtext_of_a_proposal
    FOREIGN KEY (proposal_id) REFERENCES proposals_proposal ON DELETE CASCADE;
CREATE TRIGGER proposals_index_new AFTER INSERT ON proposals_proposal
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION proposals_index_new();
CREATE TRIGGER proposals_index_text AFTER UPDATE OF body, grounds, plan ON proposals_proposal FOR EACH ROW
    WHEN ((OLD.body, OLD.grounds, OLD.plan) IS DISTINCT FROM (NEW.body, NEW.grounds, NEW.plan))
    EXECUTE FUNCTION proposals_index_text();
CREATE TRIGGER proposals_index_title AFTER UPDATE OF title ON casework_case FOR EACH ROW
    WHEN (NEW.kind = 'proposal' AND OLD.title IS DISTINCT FROM NEW.title)
    EXECUTE FUNCTION proposals_index_title();
SELECT proposals_index(array(SELECT case_ptr_id FROM proposals_proposal));
"""
UNDO = """
DROP TRIGGER proposals_index_title ON casework_case;
DROP TRIGGER proposals_index_text ON proposals_proposal;
DROP TRIGGER proposals_index_new ON proposals_proposal;
"""
UNDO_FUNCTIONS = """
DROP FUNCTION proposals_index_title(), proposals_index_text(), proposals_index_new();
DROP FUNCTION proposals_index(bigint[]);
DROP FUNCTION proposals_title_pairs(text), proposals_title_key(text), proposals_pairs(text), proposals_plain(text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ("casework", "0004_procedures_of_congresses"),
        ("proposals", "0004_rules_of_congresses"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="proposal", name="proposals_p_submitt_ec600e_idx"),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["submitted_on", "number", "case_ptr"], name="proposal_order"),
        ),
        migrations.AddIndex(model_name="proposal", index=models.Index(fields=["number"], name="proposal_number")),
        migrations.AddIndex(
            model_name="proposal", index=models.Index(fields=["receipt_no"], name="proposal_receipt_no")
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "proposal",
                    models.OneToOneField(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="proposals.proposal",
                    ),
                ),
                ("text", models.TextField(editable=False)),
                ("grams", django.contrib.postgres.fields.ArrayField(models.TextField(), editable=False)),
                ("title_key", models.TextField(editable=False)),
                ("title_pairs", models.TextField(editable=False)),
            ],
            options={
                "verbose_name": "检索文本",
                "verbose_name_plural": "检索文本",
                "default_permissions": (),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["grams"], name="search_text_grams"),
                    django.contrib.postgres.indexes.GistIndex(
                        fields=["title_pairs"], name="search_text_titles", opclasses=["gist_trgm_ops(siglen=128)"]
                    ),
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, UNDO_FUNCTIONS),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
