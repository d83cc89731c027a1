package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;

/** Models beside the tiny one with a tokenizer of every kind and every part. */
final class TokenizerKinds {
  private TokenizerKinds() {}

  /** Copies {@code bpe} under {@code folder} once for each kind. */
  static void write(Path folder) throws IOException {
    ObjectNode bytes = (ObjectNode) Json.read(folder.resolve("bpe/tokenizer.json"));
    write(folder, "parts", change(bytes, PARTS));
    write(folder, "unigram", change(bytes, UNIGRAM.replace("CHARSMAP", charsmap())));
    write(folder, "wordpiece", change(bytes, WORD_PIECE));
  }

  private static final String PARTS =
      """
      {"normalizer": {"type": "Sequence", "normalizers": [
          {"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": "\\\\s+"}, "content": " "},
          {"type": "Strip", "strip_left": true, "strip_right": false}]},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "pattern": {"Regex": " ?\\\\p{L}+|\\\\s+(?!\\\\S)|\\\\s+"}, "behavior": "Isolated", "invert": false},
          {"type": "Digits", "individual_digits": true}, {"type": "FixedLength", "length": 3},
          {"type": "Punctuation", "behavior": "Isolated"},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]},
       "post_processor": {"type": "Sequence", "processors": [
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
          {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
           "special_tokens": {"<|im_start|>": {"id": "<|im_start|>", "ids": [272], "tokens": ["<|im_start|>"]}}}]}}
      """;

  private static final String UNIGRAM =
      """
      {"normalizer": {"type": "Sequence", "normalizers": [
          {"type": "Precompiled", "precompiled_charsmap": "CHARSMAP"}, {"type": "Prepend", "prepend": "▁"},
          {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
       "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
       "post_processor": {"type": "RobertaProcessing", "sep": ["x", 3], "cls": ["y", 4], "trim_offsets": true, "add_prefix_space": true},
       "decoder": {"type": "Sequence", "decoders": [
          {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
          {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
       "added_tokens": [],
       "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
          "vocab": [["<unk>", 0], ["▁", -2], ["▁the", -3.5], ["x", -4], ["y", -5], ["order", -6], ["e", -7]]}}
      """;

  private static final String WORD_PIECE =
      """
      {"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 1], "cls": ["[CLS]", 2]},
       "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
       "added_tokens": [],
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
          "vocab": {"[UNK]": 0, "[SEP]": 1, "[CLS]": 2, "the": 3, "order": 4, "##s": 5, "of": 6, "1": 7, "##2": 8}}}
      """;

  private static ObjectNode change(ObjectNode tokenizer, String by) throws IOException {
    ObjectNode changed = tokenizer.deepCopy();
    changed.setAll((ObjectNode) Json.mapper().readTree(by));
    return changed;
  }

  /** A trie of one block without branches, and a text. */
  private static String charsmap() {
    byte[] map = new byte[4 + 1024 + 2];
    map[1] = 4;
    map[4 + 1024] = 'a';
    return Base64.getEncoder().encodeToString(map);
  }

  private static void write(Path folder, String kind, ObjectNode tokenizer) throws IOException {
    Path to = Files.createDirectories(folder.resolve(kind));
    try (Stream<Path> files = Files.list(folder.resolve("bpe"))) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    Files.writeString(to.resolve("tokenizer.json"), Json.line(tokenizer));
  }
}
