"""What the end-to-end and chaos tests share."""
