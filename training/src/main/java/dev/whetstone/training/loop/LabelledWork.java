package dev.whetstone.training.loop;

import dev.whetstone.artifacts.dataset.DatasetFolder.LabelledRow;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Pass;
import dev.whetstone.training.loop.AnswerRows.Answer;
import dev.whetstone.training.objective.LabelledLoss;
import dev.whetstone.training.objective.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * KTO: an example is an answer labelled good or bad. The divergence from the base model is measured
 * on mismatched answers, each prompt of a step with the answer before it (TRL,
 * trl/trainer/kto_trainer.py), over the whole step.
 */
public final class LabelledWork implements Work {
  private final List<LabelledRow> rows;
  private final Objective objective;
  private final int length;

  /**
   * @param length tokens that a forward pass should hold at most
   */
  public LabelledWork(List<LabelledRow> rows, Objective objective, int length) {
    this.rows = List.copyOf(rows);
    this.objective = objective;
    this.length = length;
  }

  @Override
  public int examples() {
    return rows.size();
  }

  @Override
  public long passTokens() {
    return Math.max(length, longest());
  }

  @Override
  public List<PackedRow> rows(int example) {
    return List.of(answer(rows.get(example)).alone());
  }

  @Override
  public List<String> rowIds(int example) {
    return List.of(rows.get(example).tokens().id());
  }

  @Override
  public OptionalInt goodExamples() {
    return OptionalInt.of((int) rows.stream().filter(LabelledRow::good).count());
  }

  private static Answer answer(LabelledRow row) {
    return new Answer(row.tokens().inputIds(), row.tokens().labels());
  }

  @Override
  public Outcome accumulate(TrainableModel model, List<Integer> examples, long key) {
    return run(model, examples, key, true);
  }

  @Override
  public Outcome measure(TrainableModel model, List<Integer> examples) {
    return run(model, examples, 0, false);
  }

  private Outcome run(TrainableModel model, List<Integer> examples, long key, boolean training) {
    List<LabelledRow> some = examples.stream().map(rows::get).toList();
    List<Answer> answers = some.stream().map(LabelledWork::answer).toList();
    double divergence = divergence(model, answers);
    double loss = 0;
    double good = 0;
    double bad = 0;
    int goods = 0;
    int index = 0;
    for (AnswerRows.Row row : AnswerRows.pack(answers.stream().map(List::of).toList(), length)) {
      PackedRow packed = row.packed();
      double[] base = AnswerRows.logProbs(packed, model.baseNats(packed));
      Pass pass = training ? model.forward(packed, Keys.of(key, index++)) : null;
      try {
        double[] own = AnswerRows.logProbs(packed, training ? pass.nats() : model.nats(packed));
        double[] slopes = new double[row.count()];
        for (int i = 0; i < slopes.length; i++) {
          boolean isGood = some.get(row.first() + i).good();
          LabelledLoss each = LabelledLoss.of(objective, isGood, own[i] - base[i], divergence);
          loss += each.loss();
          slopes[i] = each.slope() / some.size();
          good += isGood ? each.reward() : 0;
          bad += isGood ? 0 : each.reward();
          goods += isGood ? 1 : 0;
        }
        if (training) {
          pass.backward(AnswerRows.weights(packed, slopes));
        }
      } finally {
        if (training) {
          pass.close();
        }
      }
    }
    int bads = some.size() - goods;
    return new Outcome(
        loss / some.size(),
        Map.of(
            "divergence", divergence,
            "reward_good", goods == 0 ? 0 : good / goods,
            "reward_bad", bads == 0 ? 0 : bad / bads));
  }

  private double divergence(TrainableModel model, List<Answer> answers) {
    var mismatched = new ArrayList<List<Answer>>();
    for (int i = 0; i < answers.size(); i++) {
      mismatched.add(
          List.of(
              mismatched(answers.get(i), answers.get((i + answers.size() - 1) % answers.size()))));
    }
    double sum = 0;
    for (AnswerRows.Row row : AnswerRows.pack(mismatched, length)) {
      sum +=
          Arrays.stream(model.baseNats(row.packed())).sum()
              - Arrays.stream(model.nats(row.packed())).sum();
    }
    return Math.max(0, sum / answers.size());
  }

  /** One's prompt with the other's answer. */
  private static Answer mismatched(Answer one, Answer other) {
    int prompt = one.promptLength();
    int from = other.promptLength();
    int count = other.tokens().length - from;
    int[] tokens = Arrays.copyOf(one.tokens(), prompt + count);
    int[] labels = Arrays.copyOf(one.labels(), prompt + count);
    System.arraycopy(other.tokens(), from, tokens, prompt, count);
    System.arraycopy(other.labels(), from, labels, prompt, count);
    return new Answer(tokens, labels);
  }
}
