package dev.whetstone.datasets.job;

import dev.whetstone.datasets.clean.CleanRules;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.dedup.Compared;
import java.io.Serializable;

/**
 * What a job does to each row by itself.
 *
 * @param clean to its text
 * @param personalData to personal data and secrets in it
 * @param compared what of a row makes it the same as another
 */
record RowRules(CleanRules clean, PersonalData personalData, Compared compared) implements Serializable {}
