"""Settings out of what a test gives alone: to ask the environment for each of a hundred took longer than the rest."""

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from streamvault.settings import Settings


class GivenSettings(Settings):
    """Settings that read neither the environment nor a file."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)
