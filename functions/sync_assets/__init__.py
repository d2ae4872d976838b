"""Files and other work in the background: wanted customers, exports, pictures."""
