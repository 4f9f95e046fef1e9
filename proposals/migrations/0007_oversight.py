import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Points that were given stand: who gives others adds a row.
FORBID = """
CREATE FUNCTION proposals_score_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'points and published results are append-only';
END $$;
CREATE TRIGGER proposals_manualscore_append_only BEFORE UPDATE OR DELETE ON proposals_manualscore
    FOR EACH ROW EXECUTE FUNCTION proposals_score_is_history();
CREATE TRIGGER proposals_scoreline_append_only BEFORE UPDATE OR DELETE ON proposals_scoreline
    FOR EACH ROW EXECUTE FUNCTION proposals_score_is_history();
"""
ALLOW = """
DROP TRIGGER proposals_manualscore_append_only ON proposals_manualscore;
DROP TRIGGER proposals_scoreline_append_only ON proposals_scoreline;
DROP FUNCTION proposals_score_is_history();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('bodies', '0002_meeting_township'),
        ('proposals', '0006_feedback_and_commitments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoringItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='顺序')),
                ('name', models.CharField(max_length=60, verbose_name='考核项目')),
                ('max_points', models.DecimalField(decimal_places=1, max_digits=5, verbose_name='满分')),
                ('kind', models.CharField(choices=[('manual', '人工评分'), ('computed', '按记录计算')], max_length=10, verbose_name='评分方式')),
                ('measure', models.CharField(blank=True, choices=[('on_time', '按时答复率'), ('contacted', '联系代表率'), ('acknowledged', '签收及时率'), ('satisfied', '代表满意率'), ('commitments', '承诺落实率'), ('opinions', '协办意见按时率'), ('overdue', '逾期件数扣分')], max_length=20, verbose_name='计算依据')),
                ('per_case', models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True, verbose_name='每件扣分')),
            ],
            options={
                'verbose_name': '考核项目',
                'verbose_name_plural': '考核项目',
                'ordering': ['scheme', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_on', models.DateField(verbose_name='检查日期')),
                ('inspectors', models.CharField(max_length=300, verbose_name='检查人员')),
                ('read_papers', models.BooleanField(default=False, verbose_name='查资料')),
                ('heard_report', models.BooleanField(default=False, verbose_name='听汇报')),
                ('saw_site', models.BooleanField(default=False, verbose_name='看现场')),
                ('asked_deputies', models.BooleanField(default=False, verbose_name='访代表')),
                ('findings', models.TextField(verbose_name='检查情况')),
                ('request_key', models.UUIDField(editable=False, unique=True)),
                ('recorded_at', models.DateTimeField(verbose_name='登记时间')),
                ('congress', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='bodies.congress', verbose_name='人大')),
                ('items', models.ManyToManyField(blank=True, related_name='inspections', to='proposals.proposal', verbose_name='查看的件')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='bodies.unit', verbose_name='被检查单位')),
            ],
            options={
                'verbose_name': '督办检查',
                'verbose_name_plural': '督办检查',
                'ordering': ['-held_on', '-pk'],
                'indexes': [models.Index(fields=['unit', 'held_on'], name='inspection_of_unit')],
                'constraints': [models.CheckConstraint(condition=models.Q(('read_papers', True), ('heard_report', True), ('saw_site', True), ('asked_deputies', True), _connector='OR'), name='inspection_by_some_means')],
            },
        ),
        migrations.CreateModel(
            name='Oversight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('leading', '领衔督办'), ('field', '对口督办'), ('overall', '统筹督办')], max_length=10, verbose_name='督办方式')),
                ('body', models.CharField(blank=True, max_length=100, verbose_name='督办机构')),
                ('meeting', models.CharField(max_length=100, verbose_name='确定督办的会议')),
                ('decided_on', models.DateField(verbose_name='会议日期')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='说明')),
                ('set_at', models.DateTimeField(verbose_name='登记时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='解除时间')),
                ('ended_why', models.CharField(blank=True, max_length=500, verbose_name='解除原因')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='解除人')),
                ('overseer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='督办人')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='oversights', to='proposals.proposal', verbose_name='建议议案')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '督办',
                'verbose_name_plural': '督办',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['overseer'], name='oversight_of_person')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('proposal', 'kind', 'overseer', 'body'), name='oversight_in_force_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('kind__in', ['leading', 'field', 'overall'])), name='oversight_known_kind'), models.CheckConstraint(condition=models.Q(('overseer__isnull', False), models.Q(('body', ''), _negated=True), _connector='OR'), name='oversight_by_somebody'), models.CheckConstraint(condition=models.Q(('meeting', ''), _negated=True), name='oversight_by_a_meeting'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True), ('ended_why', '')), models.Q(models.Q(('ended_why', ''), _negated=True), ('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='oversight_ended_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Rectification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('demand', models.CharField(max_length=1000, verbose_name='整改要求')),
                ('due_on', models.DateField(verbose_name='整改期限')),
                ('demanded_at', models.DateTimeField(verbose_name='提出时间')),
                ('answer', models.TextField(blank=True, verbose_name='整改情况')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='报告时间')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='报告人')),
                ('demanded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='demands', to='proposals.inspection', verbose_name='督办检查')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rectifications', to='proposals.proposal', verbose_name='建议议案')),
            ],
            options={
                'verbose_name': '整改要求',
                'verbose_name_plural': '整改要求',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('inspection', 'proposal'), name='rectification_once_per_item'), models.CheckConstraint(condition=models.Q(('demand', ''), _negated=True), name='rectification_says_what'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by__isnull', True)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='rectification_answered_iff_when')],
            },
        ),
        migrations.CreateModel(
            name='ManualScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.DecimalField(decimal_places=1, max_digits=5, verbose_name='得分')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='评分说明')),
                ('given_at', models.DateTimeField(verbose_name='评分时间')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='评分人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='bodies.unit', verbose_name='承办单位')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='proposals.scoringitem', verbose_name='考核项目')),
            ],
            options={
                'verbose_name': '人工评分',
                'verbose_name_plural': '人工评分',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('points__gte', 0)), name='manual_score_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='ScoringScheme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('active', '启用'), ('closed', '已公布')], default='draft', max_length=10, verbose_name='状态')),
                ('created_at', models.DateTimeField(verbose_name='建立时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='公布时间')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='公布人')),
                ('congress', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scoring_schemes', to='bodies.congress', verbose_name='人大')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='建立人')),
            ],
            options={
                'verbose_name': '考核方案',
                'verbose_name_plural': '考核方案',
                'ordering': ['-year', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('congress', 'year'), name='scoring_scheme_one_active_per_year'), models.UniqueConstraint(fields=('congress', 'year', 'name'), name='scoring_scheme_name_once'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'active', 'closed'])), name='scoring_scheme_known_state'), models.CheckConstraint(condition=models.Q(('year__range', (1949, 2999))), name='scoring_scheme_year_in_range'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='scoring_scheme_closed_iff_when')],
            },
        ),
        migrations.AddField(
            model_name='scoringitem',
            name='scheme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='proposals.scoringscheme', verbose_name='考核方案'),
        ),
        migrations.CreateModel(
            name='ScoreLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveIntegerField(blank=True, null=True, verbose_name='名次')),
                ('total', models.DecimalField(blank=True, decimal_places=1, max_digits=6, null=True, verbose_name='总分')),
                ('cells', models.JSONField(default=dict, verbose_name='各项得分')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='score_lines', to='bodies.unit', verbose_name='承办单位')),
                ('scheme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='proposals.scoringscheme', verbose_name='考核方案')),
            ],
            options={
                'verbose_name': '考核结果',
                'verbose_name_plural': '考核结果',
                'ordering': ['scheme', models.OrderBy(models.F('rank'), nulls_last=True), 'pk'],
                'constraints': [models.UniqueConstraint(fields=('scheme', 'unit'), name='score_line_once_per_unit'), models.CheckConstraint(condition=models.Q(models.Q(('rank__isnull', True), ('total__isnull', True)), models.Q(('rank__gte', 1), ('total__gte', 0)), _connector='OR'), name='score_line_ranked_iff_scored')],
            },
        ),
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(max_length=500, verbose_name='评估原因')),
                ('evaluators', models.CharField(max_length=300, verbose_name='评估人员')),
                ('meeting', models.CharField(max_length=100, verbose_name='决定评估的会议')),
                ('decided_on', models.DateField(verbose_name='会议日期')),
                ('due_on', models.DateField(verbose_name='完成期限')),
                ('opened_at', models.DateTimeField(verbose_name='登记时间')),
                ('grade', models.CharField(blank=True, choices=[('good', '好'), ('fair', '较好'), ('average', '一般'), ('poor', '差')], max_length=10, verbose_name='评估等次')),
                ('conclusion', models.TextField(blank=True, verbose_name='评估结论')),
                ('follow_up', models.TextField(blank=True, verbose_name='后续意见')),
                ('concluded_at', models.DateTimeField(blank=True, null=True, verbose_name='完成时间')),
                ('concluded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='完成人')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evaluations', to='proposals.proposal', verbose_name='建议议案')),
            ],
            options={
                'verbose_name': '办理评估',
                'verbose_name_plural': '办理评估',
                'ordering': [models.OrderBy(models.F('concluded_at'), descending=True, nulls_first=True), 'due_on', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('concluded_at__isnull', True)), fields=('proposal',), name='evaluation_one_open_per_proposal'), models.CheckConstraint(condition=models.Q(models.Q(('concluded_at__isnull', True), ('concluded_by__isnull', True), ('conclusion', ''), ('follow_up', ''), ('grade', '')), models.Q(models.Q(('conclusion', ''), _negated=True), ('concluded_at__isnull', False), ('concluded_by__isnull', False), ('grade__in', ['good', 'fair', 'average', 'poor'])), _connector='OR'), name='evaluation_concluded_with_a_result')],
            },
        ),
        migrations.AddConstraint(
            model_name='scoringitem',
            constraint=models.UniqueConstraint(fields=('scheme', 'position'), name='scoring_item_position_once'),
        ),
        migrations.AddConstraint(
            model_name='scoringitem',
            constraint=models.UniqueConstraint(fields=('scheme', 'name'), name='scoring_item_name_once'),
        ),
        migrations.AddConstraint(
            model_name='scoringitem',
            constraint=models.CheckConstraint(condition=models.Q(('max_points__gt', 0)), name='scoring_item_worth_something'),
        ),
        migrations.AddConstraint(
            model_name='scoringitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'manual'), ('measure', '')), models.Q(('kind', 'computed'), ('measure__in', ['on_time', 'contacted', 'acknowledged', 'satisfied', 'commitments', 'opinions', 'overdue'])), _connector='OR'), name='scoring_item_measure_iff_computed'),
        ),
        migrations.AddConstraint(
            model_name='scoringitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('measure', 'overdue'), ('per_case__gt', 0)), models.Q(models.Q(('measure', 'overdue'), _negated=True), ('per_case__isnull', True)), _connector='OR'), name='scoring_item_deduction_iff_overdue'),
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
