"""The WhatsApp platform, simulated: what Meta's Graph API does to a sender of templates.

An independent reading of the platform's documentation: nothing here imports the
product, so a misreading on one side shows as a disagreement. `stepping.step` is
pure; `platform.Platform` joins it with agenda, webhooks and journal; `server`
and `in_process` are its two fronts.
"""
