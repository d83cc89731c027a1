package dev.whetstone.leaderboard.page;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Verdict;

/** A verdict of two given results, for people and for programs. */
public final class VerdictText {
  private VerdictText() {}

  /** Names the baseline, since it need not be the best of its model. */
  public static String sentence(Verdict verdict, Policy policy) {
    return Sentences.of(verdict, false, policy);
  }

  /** The verdict with the numbers behind it. */
  public static JsonNode json(Verdict verdict, Policy policy) {
    return BoardData.verdict(verdict, sentence(verdict, policy));
  }
}
