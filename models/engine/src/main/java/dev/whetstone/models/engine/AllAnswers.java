package dev.whetstone.models.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Answers that are kept in memory and nowhere else. */
final class AllAnswers<T> implements LanguageModel.Answers<T> {
  private final List<T> answers;

  AllAnswers(int requests) {
    this.answers = new ArrayList<>(Collections.nCopies(requests, null));
  }

  @Override
  public boolean has(int request) {
    return answers.get(request) != null;
  }

  @Override
  public void add(Map<Integer, T> batch) {
    batch.forEach(answers::set);
  }

  List<T> inOrder() {
    return List.copyOf(answers);
  }
}
