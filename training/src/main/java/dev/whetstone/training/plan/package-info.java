/** What is trained on, in which order: plain functions on token rows. */
package dev.whetstone.training.plan;
