"""Answers that read across subjects: exports, views, price quotes, relation cards."""
