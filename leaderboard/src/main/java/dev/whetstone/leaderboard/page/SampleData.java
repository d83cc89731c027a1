package dev.whetstone.leaderboard.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.verdict.Comparison;
import dev.whetstone.leaderboard.verdict.Side;

/**
 * A comparison document by document, for programs. A text that may not be published is there as its
 * whole SHA-256, 64 hexadecimal digits, under a key that ends in {@code _sha256}.
 */
final class SampleData {
  static final String FORMAT = "whetstone.samples/1";

  private SampleData() {}

  static String json(Comparison by) {
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("format", FORMAT);
    root.put("task", by.candidate().result().task());
    root.put("version", by.candidate().result().version());
    root.put("metric", by.metric());
    root.put("higher_is_better", by.higherIsBetter());
    root.set("baseline", side(by.baseline()));
    root.set("candidate", side(by.candidate()));
    Publish documents = by.candidate().result().publishing().documents();
    root.put("publish", documents.key());
    ArrayNode rows = root.putArray("documents");
    for (SamplePair pair : SamplePair.of(by)) {
      ObjectNode row = rows.addObject();
      row.put("doc_id", pair.after().docId());
      row.put("outcome", pair.outcome().key());
      row.put("document_sha256", pair.after().docHash());
      put(row, "prompt", documents, pair.asked().prompt());
      put(row, "expected", documents, pair.after().target());
      row.set("baseline", answer(by, by.baseline(), pair.before()));
      row.set("candidate", answer(by, by.candidate(), pair.after()));
    }
    return Json.pretty(root);
  }

  private static ObjectNode side(Side side) {
    ObjectNode node = Json.mapper().createObjectNode();
    node.put("name", side.entry().name());
    node.put("shots", side.result().shots());
    node.put("content", side.entry().content());
    node.put("page", Addresses.result(side.entry()));
    node.put("publish_answers", side.result().publishing().answers().key());
    return node;
  }

  private static ObjectNode answer(Comparison by, Side side, Sample sample) {
    ObjectNode node = Json.mapper().createObjectNode();
    node.put("score", sample.scores().get(by.metric()));
    put(node, "answer", side.result().publishing().answers(), sample.answer());
    return node;
  }

  private static void put(ObjectNode node, String key, Publish publish, String text) {
    switch (publish) {
      case TEXT -> node.put(key, text);
      case HASHES -> node.put(key + "_sha256", text);
      case NONE -> node.putNull(key);
    }
  }
}
