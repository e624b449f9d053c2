"""WHAT HAPPENED: receipts, replies, opt-outs, and the numbers folded from the ledger."""
