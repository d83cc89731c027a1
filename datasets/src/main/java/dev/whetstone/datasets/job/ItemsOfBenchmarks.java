package dev.whetstone.datasets.job;

import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.datasets.decontaminate.ItemIndex;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** Benchmark items on their way to the executors, which index them once per JVM. */
final class ItemsOfBenchmarks implements Serializable {
  private static final long serialVersionUID = 1L;

  /** An item's text in serialisable form. */
  private record Text(String task, int docId, String question, ArrayList<String> answers)
      implements Serializable {}

  private final ArrayList<Text> texts = new ArrayList<>();
  private final int ngram;
  private final double minShare;
  private transient ItemIndex index;

  ItemsOfBenchmarks(List<Item> items, int ngram, double minShare) {
    items.forEach(
        i -> texts.add(new Text(i.task(), i.docId(), i.question(), new ArrayList<>(i.answers()))));
    this.ngram = ngram;
    this.minShare = minShare;
  }

  synchronized ItemIndex index() {
    if (index == null) {
      List<Item> items =
          texts.stream()
              .map(t -> new Item(t.task(), "", t.docId(), t.question(), t.answers(), "", "", ""))
              .toList();
      index = new ItemIndex(items, ngram, minShare);
    }
    return index;
  }
}
